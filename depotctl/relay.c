#include "depotctl/relay.h"

#include "common/base/fd.h"
#include "common/base/fifo.h"
#include "common/base/say.h"
#include "common/base/signals.h"
#include "depotctl/pump.h"
#include "depotctl/terminal.h"
#include "depotctl/verbs.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <unistd.h>

#define ADOPTION_MS 100 /* how long a look at a process without shim may hold up the streams */

enum { SIGNALS, EXIT, IN, OUT, ERR, SLOTS };

struct state {
	const struct relay *relay;
	struct pump pumps[SLOTS]; /* IN, OUT and ERR of them */
	int exit;   /* readable once the shim has let go of the process; -1 when nothing is to be awaited */
	bool ended; /* the process has, and all there is to come is in the FIFOs */
	bool left;  /* we leave at once */
	int code;
	bool failed; /* err says why code is not the whole truth */
	struct error *err;
};

int relay_signals(struct error *err)
{
	int fd = signals_block(SIGHUP, SIGINT, SIGQUIT, SIGUSR1, SIGUSR2, SIGALRM, SIGTERM, SIGWINCH, SIGTSTP, SIGCONT,
		0);

	return fd < 0 ? fail_sys(err, "make a descriptor for signals") : fd;
}

static void leave(struct state *state, int code)
{
	state->code = code;
	state->left = true;
}

static void pass_window_on(const struct state *state)
{
	const struct relay *relay = state->relay;
	unsigned columns, rows;
	struct error ignored;

	/* Fails when the process has ended, as we shall see soon enough. */
	if (relay->window_follows && terminal_size(&columns, &rows))
		(void)process_set_window(relay->streams->process_dir, columns, rows, &ignored);
}

static void pass_signal_on(const struct state *state, int number)
{
	const struct relay *relay = state->relay;
	struct error err;

	/* Fails when the process has ended, as we shall see soon enough; for any other reason somebody should know. */
	if (process_signal(relay->settings, relay->handle, relay->id, number, &err) < 0)
		say(SAY_INFO, "%s", err.text);
}

static void on_signal(struct state *state, int number)
{
	switch (number) {
	case SIGWINCH: pass_window_on(state); break;
	case SIGTSTP:
		terminal_suspend();
		pass_window_on(state);
		break;
	case SIGCONT: /* also after a SIGSTOP that nobody could foresee */
		terminal_raw_again();
		pass_window_on(state);
		break;
	default:
		/* With the process gone it is us who are meant: nobody takes its last words. */
		if (state->ended || (state->relay->guest && number == SIGHUP))
			leave(state, EXIT_SIGNALLED + number);
		else
			pass_signal_on(state, number);
	}
}

/* What is in the FIFOs now is all that the process wrote. Whatever children of its own write from here on is not waited for,
 * or one that goes on for ever would keep us. */
static void limit_output(struct pump *pump)
{
	int pending = pump->from < 0 ? 0 : fifo_pending(pump->from);

	pump->left = pending > 0 ? (size_t)pending : 0;
}

/* The shim has let go: the process has ended, or the shim alone has. Then process_wait has another one adopt the process. */
static void on_exit_seen(struct state *state)
{
	const struct relay *relay = state->relay;
	struct error err;

	fd_close(&state->exit);
	if (process_wait(relay->settings, relay->handle, relay->id, ADOPTION_MS, &state->code, &err) < 0) {
		if (err.kind == ERROR_TIMEOUT) {
			state->exit = process_exit_fd(relay->streams->process_dir);
			return;
		}
		*state->err = err;
		state->failed = true;
	}
	state->ended = true;
	pump_free(&state->pumps[IN]);
	limit_output(&state->pumps[ERR]);
	/* With a terminal the one writer is the shim, which stays until we have read the last of it and then ends the stream. */
	if (!relay->terminal)
		limit_output(&state->pumps[OUT]);
}

/* A terminal has no end of input but the key for it: the first ends a line that was begun, then the second ends the input. */
static const char end_keys[] = "\x04\x04";

static void end_input(struct state *state)
{
	struct streams *streams = state->relay->streams;
	struct error ignored;

	pump_free(&state->pumps[IN]);
	/* Either fails when the process does not read or has gone: then it does not matter to it. */
	if (state->relay->terminal)
		(void)!write(streams->in, end_keys, sizeof end_keys - 1);
	else
		(void)process_close_input(streams->process_dir, &ignored);
	fd_close(&streams->in); /* a writer, too, as long as it is open */
}

static void on_input(struct state *state)
{
	switch (pump_turn(&state->pumps[IN])) {
	case PUMP_ON: break;
	case PUMP_KEYS: leave(state, 0); break;
	case PUMP_BROKEN:
		if (errno != EIO) /* a terminal that hung up says this at its end */
			warn_sys("standard input");
		end_input(state);
		break;
	case PUMP_END: end_input(state); break;
	}
}

/* Whatever could not be passed on stays in the FIFO, and the process waits: for the next who attaches. */
static void on_broken_output(struct state *state, const char *name)
{
	if (errno == EPIPE) {
		leave(state, EXIT_SIGNALLED + SIGPIPE);
		return;
	}
	fail_sys(state->err, "write %s", name);
	state->failed = true;
	state->left = true;
}

static void on_output(struct state *state, int slot)
{
	if (pump_turn(&state->pumps[slot]) == PUMP_BROKEN)
		on_broken_output(state, slot == OUT ? "standard output" : "standard error");
}

static bool finished(const struct state *state)
{
	return state->left || (state->ended && pump_done(&state->pumps[OUT]) && pump_done(&state->pumps[ERR]));
}

static int turn(struct state *state)
{
	struct pollfd watch[SLOTS] = {
		[SIGNALS] = { .fd = state->relay->signals, .events = POLLIN },
		[EXIT] = { .fd = state->exit, .events = POLLIN },
		[IN] = pump_watch(&state->pumps[IN]),
		[OUT] = pump_watch(&state->pumps[OUT]),
		[ERR] = pump_watch(&state->pumps[ERR]),
	};
	int number;

	/* Without a shim and without news of its successor there is nothing to wake us: look again soon. */
	if (poll(watch, SLOTS, state->ended || state->exit >= 0 ? -1 : 0) < 0 && errno != EINTR)
		return fail_sys(state->err, "wait for the process");
	if (watch[SIGNALS].revents)
		while ((number = signals_next(state->relay->signals)) > 0)
			on_signal(state, number);
	if (watch[IN].revents)
		on_input(state);
	if (watch[OUT].revents)
		on_output(state, OUT);
	if (watch[ERR].revents)
		on_output(state, ERR);
	if (!state->ended && (watch[EXIT].revents || state->exit < 0))
		on_exit_seen(state);
	return 0;
}

static int turn_until_finished(struct state *state)
{
	while (!finished(state))
		if (turn(state) < 0)
			return -1;
	return state->failed ? -1 : !state->left;
}

int relay_run(const struct relay *relay, int *code, struct error *err)
{
	struct state state = { .relay = relay, .exit = process_exit_fd(relay->streams->process_dir), .err = err };
	autoclose int own_in = terminal_reopen(0, O_RDONLY), own_out = terminal_reopen(1, O_WRONLY),
		      own_err = terminal_reopen(2, O_WRONLY);
	int result;

	pump_begin(&state.pumps[IN], relay->input ? (own_in >= 0 ? own_in : 0) : -1, relay->streams->in);
	pump_begin(&state.pumps[OUT], relay->streams->out, own_out >= 0 ? own_out : 1);
	pump_begin(&state.pumps[ERR], relay->streams->err, own_err >= 0 ? own_err : 2);
	if (relay->terminal && relay->input && isatty(0)) {
		state.pumps[IN].keys = relay->may_detach;
		if (terminal_raw() < 0)
			return fail_sys(err, "make the terminal raw");
	}
	pass_window_on(&state);
	result = turn_until_finished(&state);
	terminal_restore();
	for (int i = IN; i < SLOTS; i++)
		pump_free(&state.pumps[i]);
	fd_close(&state.exit);
	*code = state.code;
	return result;
}
