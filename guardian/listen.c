#include "guardian/listen.h"

#include "common/base/fd.h"
#include "common/base/say.h"

#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#define FIRST_INHERITED 3 /* sd_listen_fds(3) */
#define BACKLOG 1024
#define ACCEPTS 64   /* in one turn of the loop */
#define REST_MS 1000 /* when there are no descriptors left: each turn would only fail again */

static int inherited_from_socket2me(struct listener *listener, struct error *err)
{
	const char *number = getenv("SOCKET2ME_FD");
	char *end;
	long fd;

	if (!number)
		return 0;
	fd = strtol(number, &end, 10);
	if (!*number || *end || fd < 0 || fcntl((int)fd, F_SETFD, FD_CLOEXEC) < 0)
		return fail(err, "SOCKET2ME_FD: '%s' is no open descriptor", number);
	listener->fd = (int)fd;
	unsetenv("SOCKET2ME_FD"); /* it is for one listener, and means nothing to our children */
	return 0;
}

static int inherited_from_systemd(struct listener *listener, struct error *err)
{
	const char *pid = getenv("LISTEN_PID"), *count = getenv("LISTEN_FDS");

	if (!pid || !count || atol(pid) != (long)getpid())
		return 0;
	unsetenv("LISTEN_PID");
	unsetenv("LISTEN_FDS");
	if (strcmp(count, "1") != 0 || fcntl(FIRST_INHERITED, F_SETFD, FD_CLOEXEC) < 0)
		return fail(err, "LISTEN_FDS=%s: exactly one socket is wanted, as descriptor %d", count,
			FIRST_INHERITED);
	listener->fd = FIRST_INHERITED;
	return 0;
}

static int open_tcp(struct listener *listener, const struct flags *flags, struct error *err)
{
	struct sockaddr_in address = { .sin_family = AF_INET, .sin_port = htons((uint16_t)flags->bind_port) };
	autoclose int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	socklen_t len = sizeof address;
	int on = 1;

	listener->network = "tcp";
	free(listener->address);
	listener->address = xprintf("%s:%d", flags->bind_ip, (int)flags->bind_port);
	if (inet_pton(AF_INET, flags->bind_ip, &address.sin_addr) != 1)
		return fail(err, "listen tcp: address %s: too many colons in address", listener->address);
	if (fd < 0 || setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on) < 0)
		return fail_sys(err, "listen tcp %s", listener->address);
	if (bind(fd, (struct sockaddr *)&address, sizeof address) < 0)
		return fail_sys(err, "listen tcp %s: bind", listener->address);
	/* Port 0 leaves the choice to the kernel: which it made is what clients want to know. */
	if (getsockname(fd, (struct sockaddr *)&address, &len) < 0)
		return fail_sys(err, "listen tcp %s: getsockname", listener->address);
	free(listener->address);
	listener->address = xprintf("%s:%d", flags->bind_ip, ntohs(address.sin_port));
	listener->fd = fd_take(&fd);
	return 0;
}

static int give_away(const char *path, const struct flags *flags, struct error *err)
{
	uid_t owner = flags->socket_owner ? (uid_t)strtoul(flags->socket_owner, NULL, 10) : (uid_t)-1;
	gid_t group = flags->socket_group ? (gid_t)strtoul(flags->socket_group, NULL, 10) : (gid_t)-1;

	if ((owner != (uid_t)-1 || group != (gid_t)-1) && chown(path, owner, group) < 0)
		return fail_sys(err, "chown %s", path);
	if (chmod(path, (mode_t)flags->socket_mode) < 0)
		return fail_sys(err, "chmod %s", path);
	return 0;
}

static int open_unix(struct listener *listener, const struct flags *flags, struct error *err)
{
	struct sockaddr_un address = { .sun_family = AF_UNIX };
	const char *path = flags->bind_socket;
	autoclose int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);

	if (strlen(path) >= sizeof address.sun_path)
		return fail(err, "listen unix %s: bind: %s", path, errno_text(EINVAL));
	memcpy(address.sun_path, path, strlen(path));
	free(listener->address);
	listener->address = xstrdup(path);
	if (unlink(path) < 0 && errno != ENOENT)
		return fail_sys(err, "error deleting existing socket: remove %s", path);
	if (fd < 0 || bind(fd, (struct sockaddr *)&address, sizeof address) < 0)
		return fail_sys(err, "listen unix %s: bind", path);
	listener->path = xstrdup(path);
	/* Who may connect is settled before anybody can: listen comes later. */
	if (give_away(path, flags, err) < 0)
		return -1;
	listener->fd = fd_take(&fd);
	return 0;
}

static void warn_of_openness(const struct listener *listener, const struct flags *flags)
{
	if (!listener->path && !strcmp(listener->network, "tcp"))
		say(SAY_WARN, "everybody who reaches %s can do what root can", listener->address);
	else if (listener->path && flags->socket_mode & S_IWOTH && !flags->allow_peer_uid.count &&
		!flags->allow_peer_gid.count)
		say(SAY_WARN,
			"everybody on this host can do what root can: %s has mode %04o; see --socket-mode and --allow-peer-uid",
			listener->path, (unsigned)flags->socket_mode);
}

int listen_open(struct listener *listener, const struct flags *flags, struct error *err)
{
	*listener = (struct listener){
		.fd = -1, .network = "unix", .address = xstrdup("inherited"), .watch.fd = -1, .flags = flags
	};
	if (inherited_from_socket2me(listener, err) < 0 ||
		(listener->fd < 0 && inherited_from_systemd(listener, err) < 0))
		return -1;
	if (listener->fd < 0 && (flags->bind_ip ? open_tcp(listener, flags, err) : open_unix(listener, flags, err)) < 0)
		return -1;
	if (fcntl(listener->fd, F_SETFL, O_RDWR | O_NONBLOCK) < 0 || listen(listener->fd, BACKLOG) < 0)
		return fail_sys(err, "listen %s %s", listener->network, listener->address);
	warn_of_openness(listener, flags);
	return 0;
}

/* A list that was given says who may; both together say that either will do. */
static bool allowed(const struct flags *flags, const struct ucred *peer)
{
	if (!flags->allow_peer_uid.count && !flags->allow_peer_gid.count)
		return true;
	return flags_list_id(&flags->allow_peer_uid, peer->uid) || flags_list_id(&flags->allow_peer_gid, peer->gid);
}

static void accept_ready(struct watch *watch, uint32_t events);

static void rested(struct timer *timer)
{
	struct listener *listener = owner_of(timer, struct listener, rest);

	loop_want(&listener->watch, EPOLLIN);
}

/* True if there may be another one. */
static bool accept_one(struct listener *listener)
{
	int fd = accept4(listener->fd, NULL, NULL, SOCK_CLOEXEC | SOCK_NONBLOCK), on = 1;
	struct connection *c;

	if (fd < 0) {
		if (errno == EMFILE || errno == ENFILE || errno == ENOMEM || errno == ENOBUFS) {
			say(SAY_ERROR, "accept: %s; resting a second", errno_text(errno));
			loop_want(&listener->watch, 0);
			loop_timer(&listener->rest, REST_MS, rested);
		}
		return errno == EINTR || errno == ECONNABORTED;
	}
	/* Both mean something over TCP only. */
	(void)setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
	(void)setsockopt(fd, SOL_SOCKET, SO_KEEPALIVE, &on, sizeof on);
	c = connection_open(listener->server, fd);
	if (c && !allowed(listener->flags, &c->peer)) {
		say(SAY_WARN, "refused a client: pid %d, uid %u, gid %u", (int)c->peer.pid, (unsigned)c->peer.uid,
			(unsigned)c->peer.gid);
		connection_close(c);
	}
	return true;
}

static void accept_ready(struct watch *watch, uint32_t events)
{
	struct listener *listener = owner_of(watch, struct listener, watch);

	(void)events;
	for (int i = 0; i < ACCEPTS && accept_one(listener); i++)
		continue;
}

int listen_serve(struct listener *listener, const struct server *server, struct error *err)
{
	listener->server = server;
	if (loop_watch(&listener->watch, listener->fd, EPOLLIN, accept_ready) < 0)
		return fail_sys(err, "watch %s", listener->address);
	return 0;
}

void listen_close(struct listener *listener, bool keep)
{
	loop_unwatch(&listener->watch);
	loop_timer_stop(&listener->rest);
	if (keep)
		return;
	fd_close(&listener->fd);
	if (listener->path)
		unlink(listener->path); /* somebody may have put another there, or none: as good */
}

int listen_hand_on(struct listener *listener)
{
	autofree char *pid = xprintf("%d", (int)getpid());

	/* dup2 clears close-on-exec on the copy. */
	if (listener->fd == FIRST_INHERITED ? fcntl(FIRST_INHERITED, F_SETFD, 0) < 0
					    : dup2(listener->fd, FIRST_INHERITED) < 0)
		return -1;
	return setenv("LISTEN_PID", pid, 1) < 0 || setenv("LISTEN_FDS", "1", 1) < 0 ? -1 : 0;
}
