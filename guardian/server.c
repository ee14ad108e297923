#include "guardian/server.h"

#include "common/base/fd.h"
#include "common/base/lock.h"
#include "common/base/say.h"
#include "common/base/signals.h"
#include "common/ops/operations.h"
#include "common/ops/recover.h"
#include "guardian/attached.h"
#include "guardian/debug.h"
#include "guardian/grace.h"
#include "guardian/listen.h"
#include "guardian/log.h"
#include "guardian/logfile.h"
#include "guardian/notify.h"
#include "guardian/portpool.h"
#include "guardian/recovery.h"
#include "guardian/requestlog.h"
#include "guardian/seed.h"
#include "guardian/stream.h"
#include "guardian/worker.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#define LOOK_MS 10 /* while the last requests finish */
#define CLEANUP_ATTEMPTS 30
#define RECOVERY_ATTEMPTS 30

static struct {
	struct settings settings;
	struct server api, debug;
	struct listener listener, debug_listener;
	struct watch signals;
	struct timer closing;
	uint64_t port_offset;
	bool hand_on; /* the stop is for a successor */
	int depot_lock;
} daemon_state = { .depot_lock = -1 };

/* --- Starting --- */

/* As many connections as the system allows; programs that we start get back what we were given. */
static void raise_descriptor_limit(void)
{
	struct rlimit limit;

	if (getrlimit(RLIMIT_NOFILE, &limit) < 0)
		return;
	worker_restore_limit(&limit);
	limit.rlim_cur = limit.rlim_max;
	if (setrlimit(RLIMIT_NOFILE, &limit) < 0)
		say(SAY_WARN, "raise the limit of open files: %s", errno_text(errno));
}

/* Two daemons would each take a part of every process's output. The lock is a file named after the depot's inode, in a directory
 * that is closed to others: anybody who can read a depot could lock that itself. */
static int lock_depot(const struct settings *settings, struct error *err)
{
	struct stat depot;
	autofree char *path = NULL;
	autoclose int fd = -1;

	if (mkdir(settings->state_dir, 0700) < 0 && errno != EEXIST)
		return fail_sys(err, "mkdir %s", settings->state_dir);
	if (stat(settings->depot, &depot) < 0)
		return fail_sys(err, "stat %s", settings->depot);
	path = xprintf("%s/daemon.%llu.%llu.lock", settings->state_dir, (unsigned long long)depot.st_dev,
		(unsigned long long)depot.st_ino);
	fd = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0600);
	if (fd < 0)
		return fail_sys(err, "open %s", path);
	if (lock_take(fd, LOCK_EXCLUSIVE, 0) < 0)
		return fail(err, "depot %s is served by another daemon", settings->depot);
	daemon_state.depot_lock = fd_take(&fd);
	return 0;
}

static int prepare(const struct flags *flags, struct error *err)
{
	struct worker_limits limits = { .at_once = (unsigned)flags->worker_limit };

	flags_settings(flags, &daemon_state.settings);
	limits.step_seconds = daemon_state.settings.step_seconds;
	if (flags_check(flags, err) < 0 || settings_check(&daemon_state.settings, err) < 0 ||
		settings_check_helpers(&daemon_state.settings, err) < 0)
		return -1;
	signal(SIGPIPE, SIG_IGN);
	raise_descriptor_limit();
	worker_setup(&limits);
	grace_setup(&daemon_state.settings);
	stream_stall_ms = flags->client_stall_limit_ns / 1000000;
	return loop_open() < 0 ? fail_sys(err, "epoll_create") : 0;
}

/* --- Stopping --- */

static void look_whether_closed(struct timer *timer)
{
	if (connections_count() == 0 && workers_running() == 0 && workers_waiting() == 0)
		loop_stop();
	else
		loop_timer(timer, LOOK_MS, look_whether_closed);
}

/* Clients that are attached are let go at once, without a last message: their processes go on. Requests under way are
 * finished. */
static void begin_stop(bool hand_on)
{
	daemon_state.hand_on = hand_on;
	notify(hand_on ? "RELOADING=1" : "STOPPING=1");
	listen_close(&daemon_state.listener, hand_on);
	if (daemon_state.debug_listener.server)
		listen_close(&daemon_state.debug_listener, false);
	attached_drop_all();
	connections_drain();
	say(SAY_INFO, "waiting-for-connections-to-close");
	look_whether_closed(&daemon_state.closing);
}

static void signal_ready(struct watch *watch, uint32_t events)
{
	int number;

	(void)events;
	while ((number = signals_next(watch->fd))) {
		if (number == SIGHUP)
			log_reopen();
		else if (!daemon_state.closing.due)
			begin_stop(number == SIGUSR2);
	}
}

/* --- Serving --- */

static int serve_debug(const struct flags *flags, struct error *err)
{
	static struct flags address; /* the same questions, asked for another socket */

	if (!flags->debug_bind_ip)
		return 0;
	address = *flags;
	address.bind_ip = flags->debug_bind_ip;
	address.bind_port = flags->debug_bind_port;
	daemon_state.debug = daemon_state.api;
	daemon_state.debug.routes = debug_routes;
	daemon_state.debug.route_count = debug_route_count;
	return listen_open(&daemon_state.debug_listener, &address, err) < 0 ||
			listen_serve(&daemon_state.debug_listener, &daemon_state.debug, err) < 0
		? -1
		: 0;
}

static int watch_signals(struct error *err)
{
	int fd = signals_block(SIGTERM, SIGINT, SIGHUP, SIGUSR2, 0);

	if (fd < 0 || loop_watch(&daemon_state.signals, fd, EPOLLIN, signal_ready) < 0)
		return fail_sys(err, "watch signals");
	return 0;
}

static struct timer recovery;

static void begin_recovery(struct timer *timer)
{
	(void)timer;
	recovery_begin(&daemon_state.settings, false, RECOVERY_ATTEMPTS, NULL);
}

static void recover_soon(void)
{
	loop_timer(&recovery, 0, begin_recovery);
}

static int start(const struct flags *flags, struct error *err)
{
	if (prepare(flags, err) < 0 || lock_depot(&daemon_state.settings, err) < 0 ||
		seed_properties(&daemon_state.settings, flags->properties_path, err) < 0)
		return -1;
	daemon_state.port_offset = portpool_load(flags->port_pool_properties_path, flags->port_pool_size);
	if (!flags->skip_setup && host_setup(&daemon_state.settings, err) < 0)
		return -1;
	if (flags->destroy_containers_on_startup && depot_doom_all(&daemon_state.settings, err) < 0)
		return -1;
	daemon_state.api = (struct server){
		.routes = api_routes,
		.route_count = api_route_count,
		.settings = &daemon_state.settings,
		.header_ms = flags->read_header_timeout_ns / 1000000,
		.default_grace_ns = flags->default_grace_time_ns,
		.default_rootfs = flags->default_rootfs ? flags->default_rootfs : "",
	};
	if (listen_open(&daemon_state.listener, flags, err) < 0 || watch_signals(err) < 0 ||
		listen_serve(&daemon_state.listener, &daemon_state.api, err) < 0)
		return -1;
	/* A debug endpoint that cannot be had is no reason not to serve. */
	if (serve_debug(flags, err) < 0)
		say(SAY_ERROR, "debug server: %s", err->text);
	/* After the first requests, if some wait already. */
	recover_soon();
	worker_died = recover_soon;
	return 0;
}

/* The same program again, or what has been installed in its place, on the same socket: connections wait in its queue
 * meanwhile. */
static int become_successor(char **argv)
{
	if (listen_hand_on(&daemon_state.listener) == 0)
		execvp(argv[0], argv);
	say(SAY_ERROR, "hand over to %s: %s", argv[0], errno_text(errno));
	return 1;
}

/* Waiting log lines go out when their reader takes them. */
static struct watch log_watch = { .fd = -1 };

static void log_ready(struct watch *watch, uint32_t events)
{
	(void)watch, (void)events;
	logfile_flush();
}

static void log_waits(int fd, bool waiting)
{
	if (!waiting)
		loop_unwatch(&log_watch);
	else if (log_watch.fd < 0 && loop_watch(&log_watch, fd, EPOLLOUT, log_ready) < 0)
		logfile_flush(); /* an ordinary file cannot be watched, and need not be: it takes everything at once */
}

static int begin_log(const struct flags *flags, const char *component, struct error *err)
{
	struct log_options options = {
		.component = component,
		.level = flags->log_level,
		.time_format = flags->time_format ? flags->time_format : "rfc3339",
		.path = flags->log_file,
	};

	if (log_open(&options, err) < 0)
		return -1;
	log_say(log_root());
	logfile_watch(log_waits);
	requestlog_open();
	return 0;
}

static int fail_start(const struct error *err)
{
	say(SAY_ERROR, "%s", err->text);
	dprintf(2, "%s\n", err->text);
	return 1;
}

int server_run(const struct flags *flags, int argc, char **argv)
{
	struct error err;

	debug_setup(argc, argv);
	if (begin_log(flags, "guardian", &err) < 0 || start(flags, &err) < 0)
		return fail_start(&err);
	log_info(log_root(), "started",
		log_data("network", daemon_state.listener.network, "addr", daemon_state.listener.address, NULL));
	notify("READY=1");
	notify_watchdog();
	loop_run();
	if (seed_save(&daemon_state.settings, flags->properties_path, &err) < 0)
		say(SAY_ERROR, "%s", err.text);
	if (portpool_save(flags->port_pool_properties_path, daemon_state.port_offset, &err) < 0)
		log_debug(log_root(), "failed-to-save-port-pool-state", log_data("error", err.text, NULL));
	log_info(log_root(), "stopped", NULL);
	logfile_finish(1000);
	return daemon_state.hand_on ? become_successor(argv) : 0;
}

/* --- The other commands --- */

static void cleaned_up(size_t failed)
{
	if (failed)
		say(SAY_ERROR, "%zu containers could not be destroyed", failed);
	loop_stop();
}

int server_cleanup(const struct flags *flags)
{
	struct error err;

	if (begin_log(flags, "guardian-cleanup", &err) < 0 || prepare(flags, &err) < 0 ||
		lock_depot(&daemon_state.settings, &err) < 0)
		return fail_start(&err);
	recovery_begin(&daemon_state.settings, true, CLEANUP_ATTEMPTS, cleaned_up);
	loop_run();
	if (seed_save(&daemon_state.settings, flags->properties_path, &err) < 0)
		return fail_start(&err);
	return 0;
}

int server_setup(const struct flags *flags)
{
	struct error err;

	flags_settings(flags, &daemon_state.settings);
	if (begin_log(flags, "guardian-setup", &err) < 0 || host_setup(&daemon_state.settings, &err) < 0)
		return fail_start(&err);
	return 0;
}
