#include "dadoo/relay.h"

#include "common/base/clock.h"
#include "common/base/fd.h"
#include "common/base/signals.h"

#include <errno.h>
#include <poll.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <unistd.h>

#define FLOW_BYTES 4096 /* as much as a FIFO takes whole or not at all */
#define DRAIN_MS 2000   /* how long a terminal's last bytes may keep waiters waiting */
#define LOOK_MS 1000    /* how often to look where nobody tells */
#define LINGER_FIRST_MS 20
#define LINGER_LAST_MS 2000

/* Pages of their own for the bytes of two flows, so that none is touched before there are bytes. */
static char *make_buffers(void)
{
	char *memory = mmap(NULL, 2 * FLOW_BYTES, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

	if (memory == MAP_FAILED)
		abort(); /* out of memory, as everywhere */
	return memory;
}

void relay_connect(struct relay *relay, int master)
{
	char *buffers = master < 0 ? NULL : make_buffers();

	relay->master = master;
	relay->output = (struct flow){ .from = master, .to = relay->io.out, .bytes = buffers };
	relay->input = (struct flow){ .from = -1 };
	relay->sizes.fifo = relay->io.winsz;
	if (master >= 0)
		relay->input = (struct flow){ .from = relay->io.in, .to = master, .bytes = buffers + FLOW_BYTES };
}

/* Reads once and writes once; whether it did either. A terminal that nobody has open says EIO. */
static bool flow_move(struct flow *flow)
{
	ssize_t n;

	if (flow->len == 0) {
		n = read(flow->from, flow->bytes, FLOW_BYTES);
		if (n < 0 && (errno == EAGAIN || errno == EINTR))
			return false;
		if (n <= 0) {
			flow->from = -1;
			return false;
		}
		flow->at = 0;
		flow->len = (size_t)n;
	}
	n = write(flow->to, flow->bytes + flow->at, flow->len);
	if (n < 0 && (errno == EAGAIN || errno == EINTR))
		return false;
	/* Input for a terminal that is gone. A FIFO cannot fail: we are a reader of it too. */
	if (n < 0)
		n = (ssize_t)flow->len;
	flow->at += (size_t)n;
	flow->len -= (size_t)n;
	return true;
}

static struct pollfd flow_interest(const struct flow *flow)
{
	if (flow->len > 0)
		return (struct pollfd){ flow->to, POLLOUT, 0 };
	return (struct pollfd){ flow->from, POLLIN, 0 };
}

static bool hung_up(const struct relay *relay)
{
	return relay->output.from < 0;
}

/* A master that is hung up says so whatever it is asked, so it must not be asked. */
static struct pollfd input_interest(const struct relay *relay)
{
	if (hung_up(relay))
		return (struct pollfd){ .fd = -1 };
	return flow_interest(&relay->input);
}

/* Waits until something can be done, at most timeout_ms, and does it. */
static void turn(struct relay *relay, int timeout_ms)
{
	enum { SIGNALS, PROCESS, SIZES, OUTPUT, INPUT, N };
	struct pollfd watch[N] = {
		[SIGNALS] = { relay->signals, POLLIN, 0 },
		[PROCESS] = { relay->process.pidfd, relay->process.wait, 0 },
		[SIZES] = { relay->sizes.fifo, POLLIN, 0 },
		[OUTPUT] = flow_interest(&relay->output),
		[INPUT] = input_interest(relay),
	};

	poll(watch, N, timeout_ms); /* interrupted or timed out, it leaves no events */
	while (watch[SIGNALS].revents && signals_next(relay->signals)) {
	}
	if (watch[SIGNALS].revents || watch[PROCESS].revents)
		relay->ended |= process_ended(&relay->process, watch[PROCESS].revents);
	stdio_check_hold(&relay->io, &relay->dir);
	if (watch[SIZES].revents)
		winsz_read(&relay->sizes, relay->master);
	if (watch[OUTPUT].revents)
		flow_move(&relay->output);
	if (watch[INPUT].revents)
		flow_move(&relay->input);
}

/* A terminal that everybody has closed may be opened again, by a process that still belongs to it. Nothing tells. */
static void try_again(struct relay *relay)
{
	if (hung_up(relay) && relay->master >= 0) {
		relay->output.from = relay->master;
		flow_move(&relay->output);
	}
}

static int patience_ms(const struct relay *relay)
{
	bool reopened = hung_up(relay) && relay->master >= 0;
	bool removed = relay->io.in_held >= 0 && !relay->dir.watched;

	return reopened || removed ? LOOK_MS : -1;
}

void relay_until_exit(struct relay *relay)
{
	/* What ended while the runtime was waited for has been announced already. */
	stdio_check_hold(&relay->io, &relay->dir);
	relay->ended = process_ended(&relay->process, 0);
	while (!relay->ended) {
		turn(relay, patience_ms(relay));
		try_again(relay);
	}
}

/* The rest of a terminal's output goes out as fast as it is read. A reader that does not read keeps nobody waiting for
 * `exit` beyond the deadline, but it keeps the bytes: dadoo stays with them, and the stream has its end behind them. */
static void drain_terminal(struct relay *relay)
{
	long long deadline = clock_ms() + DRAIN_MS;

	relay->output.from = relay->master;
	while ((relay->output.len > 0 || !hung_up(relay)) && !stdio_removed(&relay->io)) {
		int left_ms = clock_left_ms(deadline);

		if (left_ms > 0) {
			turn(relay, left_ms);
			continue;
		}
		fd_close(&relay->io.exit);
		turn(relay, relay->output.len == 0 ? 0 : relay->dir.watched ? -1 : LOOK_MS);
		/* Others may have the terminal open; what they write from now on is not the process's output. */
		if (!hung_up(relay) && relay->output.len == 0 && !flow_move(&relay->output))
			relay->output.from = -1;
	}
	relay->output = (struct flow){ .from = -1 };
	fd_close(&relay->master);
}

void relay_drain(struct relay *relay)
{
	fd_close(&relay->process.pidfd);
	relay->input = (struct flow){ .from = -1 };
	if (relay->master >= 0)
		drain_terminal(relay);
	relay->sizes.fifo = -1;
	stdio_release(&relay->io);
	/* No event tells that a FIFO was read, only that it was removed. Nobody waits for us, so the looks become rare. */
	for (int pause_ms = LINGER_FIRST_MS; stdio_unread(&relay->io); pause_ms *= pause_ms < LINGER_LAST_MS ? 2 : 1)
		turn(relay, pause_ms);
}
