#include "guardian/log.h"

#include "common/base/object.h"
#include "common/base/say.h"
#include "guardian/logfile.h"

#include <inttypes.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>
#include <time.h>

#define FATAL_MS 1000
#define EXIT_FATAL 2
#define TRACE_DIGITS 16 /* of a span id, and of half a trace id */

enum level { LEVEL_DEBUG, LEVEL_INFO, LEVEL_WARN, LEVEL_ERROR, LEVEL_FATAL, LEVELS };

static const struct {
	const char *name, *written;
	int number; /* in the older format */
} levels[LEVELS] = {
	[LEVEL_DEBUG] = { "debug", "debug", 0 },
	[LEVEL_INFO] = { "info", "info", 1 },
	[LEVEL_WARN] = { "warn", "info", 1 },
	[LEVEL_ERROR] = { "error", "error", 2 },
	[LEVEL_FATAL] = { "fatal", "fatal", 3 },
};

static struct {
	struct logger root;
	struct logger *sayer;
	enum level least;
	bool epoch;
} shared = { .least = LEVEL_INFO };

struct logger *log_root(void)
{
	return &shared.root;
}

/* A value may be null, which is NULL to json-c. */
static void share_member(json_object *to, const char *name, json_object *value)
{
	if (json_object_object_add(to, name, json_object_get(value)) < 0)
		abort(); /* out of memory */
}

/* Members of from, which may be NULL, take the place of those with the same name. */
static void share_members(json_object *to, json_object *from)
{
	if (!from)
		return;
	json_object_object_foreach(from, name, value)
	{
		share_member(to, name, value);
	}
}

void log_begin(struct logger *logger, struct logger *parent, const char *name)
{
	*logger = (struct logger){ .path = xprintf("%s.%s", parent->path, name), .data = json_object_new_object() };
	parent->sessions++;
	if (parent->session)
		logger->session = xprintf("%s.%u", parent->session, parent->sessions);
	else
		logger->session = xprintf("%u", parent->sessions);
	share_members(logger->data, parent->data);
}

void log_end(struct logger *logger)
{
	free(logger->path);
	free(logger->session);
	json_object_put(logger->data);
	*logger = (struct logger){ 0 };
}

void log_add(struct logger *logger, const char *name, const char *value)
{
	object_add_string(logger->data, name, value);
}

static char *without_dashes(const char *header)
{
	struct text digits = { 0 };

	for (; *header; header++)
		if (*header != '-')
			text_add(&digits, header, 1);
	return text_take(&digits);
}

void log_add_trace(struct logger *logger, const char *header)
{
	autofree char *digits = without_dashes(header), *trace = NULL, *span = NULL;
	size_t len = strlen(digits), high_len = len > TRACE_DIGITS ? len - TRACE_DIGITS : 0;
	uint64_t high, low, number = 0;

	if (len == 0 || len > 2 * TRACE_DIGITS || strspn(digits, "0123456789abcdefABCDEF") < len)
		return;
	low = strtoull(digits + high_len, NULL, 16);
	digits[high_len] = '\0';
	high = strtoull(digits, NULL, 16); /* 0 without digits */
	trace = high ? xprintf("%016" PRIx64 "%016" PRIx64, high, low) : xprintf("%016" PRIx64, low);
	log_add(logger, "trace-id", trace);
	/* It fails while the machine has only just started; then all zeros will do. */
	(void)!getrandom(&number, sizeof number, GRND_NONBLOCK);
	span = xprintf("%016" PRIx64, number);
	log_add(logger, "span-id", span);
}

json_object *log_data(const char *name, ...)
{
	json_object *data = json_object_new_object();
	va_list args;

	va_start(args, name);
	for (; name; name = va_arg(args, const char *))
		object_add_string(data, name, va_arg(args, const char *));
	va_end(args);
	return data;
}

/* Lines ---------------------------------------------------------------------------------------------------------------- */

static char *timestamp(void)
{
	struct timespec now;
	struct tm tm;
	char seconds[32];

	clock_gettime(CLOCK_REALTIME, &now);
	if (shared.epoch)
		return xprintf("%lld.%09ld", (long long)now.tv_sec, now.tv_nsec);
	gmtime_r(&now.tv_sec, &tm);
	strftime(seconds, sizeof seconds, "%Y-%m-%dT%H:%M:%S", &tm);
	return xprintf("%s.%09ldZ", seconds, now.tv_nsec);
}

static json_object *sorted(json_object *from)
{
	json_object *object = json_object_new_object();
	autostrings struct strings names = { 0 };

	json_object_object_foreach(from, name, value)
	{
		(void)value;
		strings_add(&names, name);
	}
	strings_sort(&names);
	for (size_t i = 0; i < names.count; i++)
		share_member(object, names.item[i], json_member(from, names.item[i]));
	return object;
}

static json_object *line_data(const struct logger *logger, const char *error, json_object *data)
{
	autojson json_object *all = json_object_new_object();

	share_members(all, logger->data);
	share_members(all, data);
	if (logger->session)
		object_add_string(all, "session", logger->session);
	if (error)
		object_add_string(all, "error", error);
	return sorted(all);
}

/* The line, for the caller to free. */
static char *make_line(const struct logger *logger, enum level level, const char *action, const char *error,
	json_object *data)
{
	autojson json_object *object = json_object_new_object();
	autofree char *time = timestamp(), *message = xprintf("%s.%s", logger->path, action);
	struct text line = { 0 };

	object_add_string(object, "timestamp", time);
	if (!shared.epoch)
		object_add_string(object, "level", levels[level].written);
	object_add_string(object, "source", shared.root.path);
	object_add_string(object, "message", message);
	if (shared.epoch)
		object_add_int(object, "log_level", levels[level].number);
	object_add(object, "data", line_data(logger, error, data));
	object_write_anyway(object, &line);
	text_add(&line, "\n", 1);
	return text_take(&line);
}

static void write_line(const struct logger *logger, enum level level, const char *action, const char *error,
	json_object *data)
{
	autojson json_object *own = data;
	autofree char *line = NULL;

	if (level < shared.least)
		return;
	line = make_line(logger, level, action, error, own);
	logfile_put(line, strlen(line));
}

void log_debug(struct logger *logger, const char *action, json_object *data)
{
	write_line(logger, LEVEL_DEBUG, action, NULL, data);
}

void log_info(struct logger *logger, const char *action, json_object *data)
{
	write_line(logger, LEVEL_INFO, action, NULL, data);
}

void log_error(struct logger *logger, const char *action, const char *error, json_object *data)
{
	write_line(logger, LEVEL_ERROR, action, error, data);
}

void log_fatal_at(struct logger *logger, const char *action, const char *error, json_object *data, const char *file,
	int line, const char *function)
{
	autofree char *trace = xprintf("%s:%d %s", file, line, function);

	if (!data)
		data = json_object_new_object();
	object_add_string(data, "trace", trace);
	write_line(logger, LEVEL_FATAL, action, error, data);
	logfile_finish(FATAL_MS);
	exit(EXIT_FATAL);
}

/* The whole ---------------------------------------------------------------------------------------------------------- */

static char *tell_lost(unsigned long long lines)
{
	autojson json_object *data = json_object_new_object();

	object_add_unsigned(data, "lines", lines);
	return make_line(&shared.root, LEVEL_ERROR, "log-lines-lost", NULL, data);
}

bool log_set_level(const char *level)
{
	for (enum level i = LEVEL_DEBUG; i < LEVELS; i++) {
		if (strcmp(levels[i].name, level) == 0) {
			shared.least = i;
			return true;
		}
	}
	return false;
}

int log_open(const struct log_options *options, struct error *err)
{
	shared.root = (struct logger){ .path = xstrdup(options->component), .data = json_object_new_object() };
	shared.epoch = strcmp(options->time_format, "unix-epoch") == 0;
	if (!log_set_level(options->level))
		return fail(err, "unknown log level %s", options->level);
	return logfile_open(options->path, tell_lost, err);
}

void log_reopen(void)
{
	struct error err;

	if (logfile_reopen(&err) < 0)
		log_error(&shared.root, "log-reopen-failed", err.text, NULL);
}

static void say_line(enum say_level level, const char *text)
{
	static const struct {
		enum level level;
		const char *action;
	} kinds[] = {
		[SAY_DEBUG] = { LEVEL_DEBUG, "detail" },
		[SAY_INFO] = { LEVEL_INFO, "note" },
		[SAY_WARN] = { LEVEL_WARN, "warning" },
		[SAY_ERROR] = { LEVEL_ERROR, "failure" },
	};

	write_line(shared.sayer, kinds[level].level, kinds[level].action, NULL, log_data("message", text, NULL));
}

void log_say(struct logger *logger)
{
	shared.sayer = logger;
	say_threshold = SAY_DEBUG; /* the log has a threshold of its own */
	say_sink = say_line;
}
