/* A client of the daemon for tests: processes over the streaming protocol, and bytes as they are.
 *
 *   garden [-s SOCKET] run HANDLE JSON [OPTION...]     runs a process
 *   garden [-s SOCKET] attach HANDLE ID [OPTION...]    joins one
 *   garden [-s SOCKET] call METHOD PATH [BODY]         one request, whose reply's body is shown
 *   garden [-s SOCKET] raw [OPTION...]                 sends standard input, shows what comes back until the server closes
 *   garden [-s SOCKET] ask COUNT                       sends the request on standard input COUNT times over one connection
 *   garden [-s SOCKET] hold COUNT                      opens connections and keeps them until standard input ends
 *
 * SOCKET is a path or ADDRESS:PORT, by default what the variable GARDEN says.
 *
 * run and attach open the two output connections by themselves and copy them to their own outputs. They exit with the process's
 * status, or 120 on a failure of their own, 121 when the server answered with an error (shown on standard error), 122 when
 * the main connection ended without a last message, 123 when that was an error, 124 at the deadline.
 * raw exits with 0 when the server closed the connection, 1 when it stayed open, 2 when it was reset. */
#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <getopt.h>
#include <poll.h>
#include <signal.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <time.h>
#include <unistd.h>

#define MOST_ACTIONS 16
#define PIECE (32 << 10) /* of input in one message, as the usual client sends it */
#define TICK_MS 5        /* of a slow reader */

enum { OWN_FAILURE = 120, REFUSED, NO_LAST_MESSAGE, LAST_MESSAGE_ERROR, DEADLINE };

/* Something to be done so many milliseconds after the process has started. */
struct action {
	long long at_ms;
	enum { DO_SEND, DO_HALF_CLOSE, DO_LEAVE } kind;
	char *text;
	bool done;
};

static struct {
	const char *socket, *messages;
	long long deadline_ms, fetch_ms, idle_ms, slow_rate, slow_bytes;
	bool input, no_stdout, no_stderr, stall_stdout, count_stdout, half_close;
	struct action actions[MOST_ACTIONS];
	size_t action_count;
} options = { .deadline_ms = 30000, .idle_ms = 300 };

struct buffer {
	char *data;
	size_t len;
};

_Noreturn static void die(const char *format, ...)
{
	va_list args;

	va_start(args, format);
	fprintf(stderr, "garden: fatal: ");
	vfprintf(stderr, format, args);
	fprintf(stderr, ": %s\n", strerror(errno));
	va_end(args);
	exit(OWN_FAILURE);
}

static long long now_ms(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return now.tv_sec * 1000LL + now.tv_nsec / 1000000;
}

static void add(struct buffer *buffer, const void *data, size_t len)
{
	buffer->data = realloc(buffer->data, buffer->len + len + 1);
	if (!buffer->data)
		die("realloc");
	memcpy(buffer->data + buffer->len, data, len);
	buffer->len += len;
	buffer->data[buffer->len] = '\0';
}

static void drop(struct buffer *buffer, size_t len)
{
	memmove(buffer->data, buffer->data + len, buffer->len - len + 1);
	buffer->len -= len;
}

__attribute__((format(printf, 2, 3))) static void addf(struct buffer *buffer, const char *format, ...)
{
	va_list args;
	char *text;
	int len;

	va_start(args, format);
	len = vasprintf(&text, format, args);
	va_end(args);
	if (len < 0)
		die("vasprintf");
	add(buffer, text, (size_t)len);
	free(text);
}

static void write_all(int fd, const char *data, size_t len)
{
	while (len) {
		ssize_t n = write(fd, data, len);

		if (n < 0 && errno != EINTR)
			die("write to %d", fd);
		if (n > 0) {
			data += n;
			len -= (size_t)n;
		}
	}
}

/* --- Connections --- */

static int connect_to(const char *name)
{
	struct sockaddr_un path = { .sun_family = AF_UNIX };
	struct sockaddr_in address = { .sin_family = AF_INET };
	const char *colon = strrchr(name, ':');
	bool local = *name == '/' || !colon;
	int fd = socket(local ? AF_UNIX : AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0), result;

	if (fd < 0)
		die("socket");
	if (local) {
		snprintf(path.sun_path, sizeof path.sun_path, "%s", name);
		result = connect(fd, (struct sockaddr *)&path, sizeof path);
	} else {
		char host[64];

		snprintf(host, sizeof host, "%.*s", (int)(colon - name), name);
		address.sin_port = htons((uint16_t)atoi(colon + 1));
		if (inet_pton(AF_INET, host, &address.sin_addr) != 1)
			die("address %s", host);
		result = connect(fd, (struct sockaddr *)&address, sizeof address);
	}
	if (result < 0)
		die("connect %s", name);
	return fd;
}

/* --- A process --- */

enum { MAIN, STDOUT, STDERR, INPUT, WATCHED };

static struct {
	int fd[WATCHED];          /* -1: closed or not open yet */
	struct buffer in[3], out; /* in: heads that have not come whole, messages */
	bool open[3];             /* its head has been read */
	bool began, fetched;
	char handle[512], id[512], stream[64];
	int exit_code;
	long long started_ms, taken, counted; /* the latter of stdout: with its head, without */
	FILE *messages;
} process = { .fd = { -1, -1, -1, -1 }, .exit_code = NO_LAST_MESSAGE };

static void member(const char *message, const char *name, char *value, size_t size)
{
	char quoted[64];
	const char *at;

	snprintf(quoted, sizeof quoted, "\"%s\":\"", name);
	at = strstr(message, quoted);
	if (at)
		snprintf(value, size, "%.*s", (int)strcspn(at + strlen(quoted), "\""), at + strlen(quoted));
}

static void take_message(const char *message)
{
	const char *status = strstr(message, "\"exit_status\":");

	if (process.messages)
		fprintf(process.messages, "%s\n", message);
	if (!process.began) {
		member(message, "process_id", process.id, sizeof process.id);
		member(message, "stream_id", process.stream, sizeof process.stream);
		process.began = true;
		process.started_ms = now_ms();
	} else if (status) {
		process.exit_code = atoi(status + strlen("\"exit_status\":"));
	} else if (strstr(message, "\"error\":")) {
		fprintf(stderr, "%s\n", message);
		process.exit_code = LAST_MESSAGE_ERROR;
	}
}

static void refused(void)
{
	const char *body = strstr(process.in[MAIN].data, "\r\n\r\n") + 4;
	const char *length = strcasestr(process.in[MAIN].data, "\r\nContent-Length: ");

	if (length && process.in[MAIN].len - (size_t)(body - process.in[MAIN].data) < (size_t)atoi(length + 18))
		return; /* not yet */
	fprintf(stderr, "%s", body);
	exit(REFUSED);
}

/* True when the head has been read and taken off. */
static bool take_head(int which)
{
	struct buffer *in = &process.in[which];
	char *end = in->len ? strstr(in->data, "\r\n\r\n") : NULL;

	if (process.open[which])
		return true;
	if (!end)
		return false;
	if (strncmp(in->data, "HTTP/1.1 20", 11) != 0) {
		refused();
		return false;
	}
	drop(in, (size_t)(end + 4 - in->data));
	return process.open[which] = true;
}

static void take_main(void)
{
	struct buffer *in = &process.in[MAIN];
	char *end;

	while (take_head(MAIN) && in->len && (end = strchr(in->data, '\n'))) {
		*end = '\0';
		take_message(in->data);
		drop(in, (size_t)(end + 1 - in->data));
	}
}

/* How much of stdout may be read now. */
static size_t allowance(size_t most)
{
	long long rest = options.slow_rate * (now_ms() - process.started_ms) / 1000 - process.taken;

	if (!options.slow_rate || process.taken >= options.slow_bytes)
		return most;
	return rest <= 0 ? 0 : (size_t)rest < most ? (size_t)rest : most;
}

static void pass_on(int which, const char *data, size_t len)
{
	if (which == STDOUT && options.count_stdout)
		process.counted += (long long)len;
	else
		write_all(which, data, len);
}

static void take_output(int which, const char *data, size_t len)
{
	struct buffer *in = &process.in[which];

	process.taken += which == STDOUT ? (long long)len : 0;
	if (process.open[which]) {
		pass_on(which, data, len);
		return;
	}
	add(in, data, len);
	if (take_head(which))
		pass_on(which, in->data, in->len);
}

static void readable(int which)
{
	static char buffer[1 << 18];
	size_t most = which == STDOUT ? allowance(sizeof buffer) : sizeof buffer;
	ssize_t n = most ? read(process.fd[which], buffer, most) : -1;

	if (!most || (n < 0 && errno == EAGAIN))
		return;
	if (n <= 0) {
		close(process.fd[which]);
		process.fd[which] = -1;
	} else if (which == MAIN) {
		add(&process.in[MAIN], buffer, (size_t)n);
		take_main();
	} else {
		take_output(which, buffer, (size_t)n);
	}
}

/* Standard input as messages; a last one without data tells its end. What it reads must be text. */
static void take_input(void)
{
	char piece[PIECE];
	ssize_t n = read(0, piece, sizeof piece);

	if (n <= 0) {
		addf(&process.out, "{\"process_id\":\"%s\",\"source\":0}\n", process.id);
		process.fd[INPUT] = -1;
		return;
	}
	addf(&process.out, "{\"process_id\":\"%s\",\"source\":0,\"data\":\"", process.id);
	for (ssize_t i = 0; i < n; i++) {
		if (piece[i] == '"' || piece[i] == '\\' || (unsigned char)piece[i] < ' ')
			addf(&process.out, "\\u%04x", (unsigned char)piece[i]);
		else
			add(&process.out, piece + i, 1);
	}
	addf(&process.out, "\"}\n");
}

static void send_main(void)
{
	ssize_t n = send(process.fd[MAIN], process.out.data, process.out.len, MSG_DONTWAIT | MSG_NOSIGNAL);

	if (n > 0)
		drop(&process.out, (size_t)n);
	else if (errno != EAGAIN)
		process.out.len = 0; /* the server has closed it; what it had to say is still to be read */
}

static void fetch(int which)
{
	struct buffer request = { 0 };

	process.fd[which] = connect_to(options.socket);
	addf(&request, "GET /containers/%s/processes/%s/attaches/%s/%s HTTP/1.1\r\nHost: api\r\n\r\n", process.handle,
		process.id, process.stream, which == STDOUT ? "stdout" : "stderr");
	write_all(process.fd[which], request.data, request.len);
	free(request.data);
}

static void act(struct action *action)
{
	action->done = true;
	switch (action->kind) {
	case DO_SEND: add(&process.out, action->text, strlen(action->text)); break;
	case DO_HALF_CLOSE: shutdown(process.fd[MAIN], SHUT_WR); break;
	case DO_LEAVE: exit(0);
	}
}

static void do_what_is_due(void)
{
	long long elapsed = now_ms() - process.started_ms;

	if (!process.began)
		return;
	if (!process.fetched && elapsed >= options.fetch_ms) {
		process.fetched = true;
		if (!options.no_stdout)
			fetch(STDOUT);
		if (!options.no_stderr)
			fetch(STDERR);
		if (options.input)
			process.fd[INPUT] = 0;
	}
	for (size_t i = 0; i < options.action_count; i++)
		if (!options.actions[i].done && elapsed >= options.actions[i].at_ms)
			act(&options.actions[i]);
}

static int next_wait(void)
{
	return options.slow_rate || options.action_count || (process.began && !process.fetched) ? TICK_MS : 100;
}

static void turn(void)
{
	struct pollfd watch[WATCHED];

	for (int i = 0; i < WATCHED; i++)
		watch[i] = (struct pollfd){ .fd = process.fd[i], .events = POLLIN };
	if (process.out.len)
		watch[MAIN].events |= POLLOUT;
	if (process.out.len || process.fd[MAIN] < 0)
		watch[INPUT].fd = -1;
	if (options.stall_stdout || !allowance(1))
		watch[STDOUT].fd = -1;
	if (poll(watch, WATCHED, next_wait()) < 0)
		die("poll");
	for (int i = MAIN; i <= STDERR; i++)
		if (watch[i].fd >= 0 && watch[i].revents & (POLLIN | POLLHUP | POLLERR))
			readable(i);
	if (process.fd[MAIN] >= 0 && process.out.len)
		send_main();
	if (watch[INPUT].fd >= 0 && watch[INPUT].revents)
		take_input();
	do_what_is_due();
}

static bool stdout_is_over(void)
{
	char byte;

	return process.fd[STDOUT] < 0 ||
		(options.stall_stdout && recv(process.fd[STDOUT], &byte, 1, MSG_PEEK | MSG_DONTWAIT) >= 0);
}

static int follow(const struct buffer *request)
{
	long long end = now_ms() + options.deadline_ms;

	if (options.messages && !(process.messages = fopen(options.messages, "we")))
		die("open %s", options.messages);
	if (process.messages)
		setlinebuf(process.messages);
	process.fd[MAIN] = connect_to(options.socket);
	write_all(process.fd[MAIN], request->data, request->len);
	/* All three are closed by the server, the main one first; an output that was fetched late still has something then. */
	while (process.fd[MAIN] >= 0 || !stdout_is_over() || process.fd[STDERR] >= 0 ||
		(process.began && !process.fetched)) {
		if (now_ms() >= end)
			return DEADLINE;
		turn();
	}
	if (options.count_stdout)
		printf("%lld\n", process.counted);
	return process.exit_code;
}

static int run(const char *handle, const char *json)
{
	struct buffer request = { 0 };

	snprintf(process.handle, sizeof process.handle, "%s", handle);
	addf(&request,
		"POST /containers/%s/processes HTTP/1.1\r\nHost: api\r\nContent-Type: application/json\r\n"
		"Content-Length: %zu\r\n\r\n%s",
		handle, strlen(json), json);
	return follow(&request);
}

static int attach(const char *handle, const char *id)
{
	struct buffer request = { 0 };

	snprintf(process.handle, sizeof process.handle, "%s", handle);
	addf(&request, "GET /containers/%s/processes/%s HTTP/1.1\r\nHost: api\r\n\r\n", handle, id);
	return follow(&request);
}

/* --- Bytes as they are --- */

static struct {
	char data[1 << 20];
	size_t len, sent;
	int from; /* -1 at its end */
} input;

static void read_input(int to)
{
	ssize_t n = read(input.from, input.data, sizeof input.data);

	input.sent = 0;
	input.len = n > 0 ? (size_t)n : 0;
	if (n > 0)
		return;
	input.from = -1;
	if (options.half_close)
		shutdown(to, SHUT_WR);
}

static void send_input(int to)
{
	ssize_t n = send(to, input.data + input.sent, input.len - input.sent, MSG_NOSIGNAL | MSG_DONTWAIT);

	if (n > 0) {
		input.sent += (size_t)n;
	} else if (errno != EAGAIN) {
		input.from = -1; /* it has been closed, and what it said before comes now */
		input.sent = input.len;
	}
}

/* Sends and takes at once: a server that is not read from may stop reading. */
static int raw(void)
{
	static char output[1 << 20];
	struct pollfd watch[2] = { { .events = POLLIN }, { .fd = connect_to(options.socket) } };
	long long end = now_ms() + options.deadline_ms;

	while (now_ms() < end) {
		bool unsent = input.sent < input.len, over = input.from < 0 && !unsent;
		ssize_t n;

		watch[0].fd = unsent ? -1 : input.from;
		watch[1].events = (short)(unsent ? POLLIN | POLLOUT : POLLIN);
		if (poll(watch, 2, over ? (int)options.idle_ms : 100) == 0 && over)
			return 1;
		if (watch[1].revents & ~POLLOUT) {
			n = read(watch[1].fd, output, sizeof output);
			if (n <= 0)
				return n < 0 ? 2 : 0;
			write_all(1, output, (size_t)n);
		}
		if (watch[1].revents & POLLOUT)
			send_input(watch[1].fd);
		else if (watch[0].fd >= 0 && watch[0].revents)
			read_input(watch[1].fd);
	}
	return DEADLINE;
}

/* Reads one reply with a Content-Length; its body, NULL if the connection ended before that. */
static const char *read_reply(int fd, struct buffer *reply)
{
	char piece[8192];
	ssize_t n;

	reply->len = 0;
	while ((n = read(fd, piece, sizeof piece)) > 0) {
		const char *body, *length;

		add(reply, piece, (size_t)n);
		body = strstr(reply->data, "\r\n\r\n");
		length = strcasestr(reply->data, "\r\nContent-Length: ");
		if (body && length && reply->len >= (size_t)(body + 4 - reply->data) + (size_t)atoi(length + 18))
			return body + 4;
	}
	return NULL;
}

static bool is_good(const struct buffer *reply)
{
	return !strncmp(reply->data, "HTTP/1.1 200", 12);
}

static int call(const char *method, const char *path, const char *body)
{
	struct buffer request = { 0 }, reply = { 0 };
	int fd = connect_to(options.socket);
	const char *answer;

	addf(&request, "%s %s HTTP/1.1\r\nHost: api\r\nContent-Length: %zu\r\n\r\n%s", method, path, strlen(body),
		body);
	write_all(fd, request.data, request.len);
	answer = read_reply(fd, &reply);
	if (!answer)
		die("no reply to %s %s", method, path);
	write_all(is_good(&reply) ? 1 : 2, answer, strlen(answer));
	return is_good(&reply) ? 0 : REFUSED;
}

/* Shows how many replies were good. */
static int ask(int count)
{
	char request[8192];
	ssize_t len = read(0, request, sizeof request);
	int fd = connect_to(options.socket), good = 0;
	struct buffer reply = { 0 };

	for (int i = 0; i < count && len > 0; i++) {
		write_all(fd, request, (size_t)len);
		good += read_reply(fd, &reply) && is_good(&reply);
	}
	printf("%d\n", good);
	return 0;
}

static int hold(int count)
{
	struct rlimit limit;
	char byte;

	if (getrlimit(RLIMIT_NOFILE, &limit) == 0) {
		limit.rlim_cur = limit.rlim_max;
		setrlimit(RLIMIT_NOFILE, &limit);
	}
	for (int i = 0; i < count; i++)
		connect_to(options.socket);
	printf("open\n");
	fflush(stdout);
	while (read(0, &byte, 1) > 0)
		continue;
	return 0;
}

/* --- The command line --- */

static const struct option long_options[] = {
	{ "deadline", required_argument, NULL, 'd' },     /* SECONDS */
	{ "messages", required_argument, NULL, 'm' },     /* FILE: what comes over the main connection */
	{ "input", no_argument, NULL, 'i' },              /* standard input goes to the process */
	{ "signal-after", required_argument, NULL, 'S' }, /* MS:NUMBER */
	{ "window-after", required_argument, NULL, 'W' }, /* MS:COLUMNSxROWS */
	{ "send-after", required_argument, NULL, 'T' },   /* MS:TEXT, to the main connection */
	{ "half-close", required_argument, NULL,
		'H' }, /* MS: our side of the main connection, or of raw's after its input */
	{ "leave", required_argument, NULL, 'L' },       /* MS: be gone */
	{ "fetch-after", required_argument, NULL, 'F' }, /* MS: open the outputs only then */
	{ "no-stdout", no_argument, NULL, 'O' },
	{ "no-stderr", no_argument, NULL, 'E' },
	{ "stall-stdout", no_argument, NULL, 'x' }, /* open it, and never read */
	{ "count-stdout", no_argument, NULL, 'c' }, /* at the end show its size, in place of it */
	{ "slow", required_argument, NULL, 'w' },   /* BYTES_PER_SECOND:BYTES, the first BYTES of stdout */
	{ "idle", required_argument, NULL, 'I' },   /* MS: raw takes silence of that length for the end */
	{ NULL, 0, NULL, 0 },
};

static void add_action(int kind, const char *argument)
{
	struct action *action = &options.actions[options.action_count++];
	struct buffer text = { 0 };
	const char *rest = strchr(argument, ':');
	unsigned columns = 0, rows = 0;

	if (options.action_count > MOST_ACTIONS)
		die("too many actions");
	action->at_ms = atoll(argument);
	rest = rest ? rest + 1 : "";
	if (kind == 'S') {
		addf(&text, "{\"signal\":%s}\n", rest);
	} else if (kind == 'W' && sscanf(rest, "%ux%u", &columns, &rows) == 2) {
		addf(&text, "{\"tty\":{\"window_size\":{\"columns\":%u,\"rows\":%u}}}\n", columns, rows);
	} else {
		addf(&text, "%s", rest);
	}
	action->text = text.data;
	action->kind = kind == 'H' ? DO_HALF_CLOSE : kind == 'L' ? DO_LEAVE : DO_SEND;
}

static void take_option(int letter)
{
	switch (letter) {
	case 's': options.socket = optarg; break;
	case 'd': options.deadline_ms = (long long)(atof(optarg) * 1000); break;
	case 'm': options.messages = optarg; break;
	case 'i': options.input = true; break;
	case 'F': options.fetch_ms = atoll(optarg); break;
	case 'O': options.no_stdout = true; break;
	case 'E': options.no_stderr = true; break;
	case 'x': options.stall_stdout = true; break;
	case 'c': options.count_stdout = true; break;
	case 'I': options.idle_ms = atoll(optarg); break;
	case 'w':
		if (sscanf(optarg, "%lld:%lld", &options.slow_rate, &options.slow_bytes) != 2)
			die("a slow reader is BYTES_PER_SECOND:BYTES");
		break;
	case 'H':
		options.half_close = true;
		add_action(letter, optarg);
		break;
	case 'S':
	case 'W':
	case 'T':
	case 'L': add_action(letter, optarg); break;
	default: exit(OWN_FAILURE);
	}
}

int main(int argc, char **argv)
{
	int letter;

	signal(SIGPIPE, SIG_IGN);
	options.socket = getenv("GARDEN");
	while ((letter = getopt_long(argc, argv, "s:", long_options, NULL)) != -1)
		take_option(letter);
	argv += optind;
	argc -= optind;
	if (options.socket && argc == 3 && !strcmp(argv[0], "run"))
		return run(argv[1], argv[2]);
	if (options.socket && argc == 3 && !strcmp(argv[0], "attach"))
		return attach(argv[1], argv[2]);
	if (options.socket && (argc == 3 || argc == 4) && !strcmp(argv[0], "call"))
		return call(argv[1], argv[2], argc == 4 ? argv[3] : "");
	if (options.socket && argc == 1 && !strcmp(argv[0], "raw"))
		return raw();
	if (options.socket && argc == 2 && !strcmp(argv[0], "ask"))
		return ask(atoi(argv[1]));
	if (options.socket && argc == 2 && !strcmp(argv[0], "hold"))
		return hold(atoi(argv[1]));
	fprintf(stderr,
		"garden: fatal: say run, attach, call, raw, ask or hold, and which socket; see the top of test/tools/garden.c\n");
	return OWN_FAILURE;
}
