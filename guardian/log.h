/* The log: one JSON object a line, with the keys timestamp, level, source, message and data, in the format of Cloud Foundry's
 * lager. Its levels are debug, info, error and fatal. Writing never waits: see logfile.h. */
#ifndef GUARDIAN_LOG_H
#define GUARDIAN_LOG_H

#include "common/base/error.h"
#include "common/base/json.h"

#include <stdbool.h>
#include <stddef.h>

/* Where a line comes from. Each belongs to another one, but for the first. */
struct logger {
	char *path;        /* "guardian.api.garden-server.create" */
	char *session;     /* "4.1.7"; NULL for the first */
	unsigned sessions; /* opened below it so far */
	json_object *data; /* fields that all of its lines have, inherited ones too */
};

struct log_options {
	const char *component;   /* "guardian": the source, and the path of the first logger */
	const char *level;       /* as log_set_level */
	const char *time_format; /* "rfc3339"; "unix-epoch" is the older format */
	const char *path;        /* a file that lines are appended to; NULL or "" for standard output */
};

/* Call once. 0, or -1 with err when the file cannot be opened. */
int log_open(const struct log_options *options, struct error *err);

/* The first logger. */
struct logger *log_root(void);

/* A logger below parent, with the next session number there. Lives no longer than the options and needs log_end. */
void log_begin(struct logger *logger, struct logger *parent, const char *name);
void log_end(struct logger *logger);

/* A field for all lines of a logger and of those begun below it from now on. */
void log_add(struct logger *logger, const char *name, const char *value);

/* The fields trace-id and span-id from a request's header X-Vcap-Request-Id, if that is a hexadecimal number of up to 32
 * digits, dashes apart. */
void log_add_trace(struct logger *logger, const char *header);

/* An object of strings, for the functions below: log_data("handle", handle, "id", id, NULL). */
json_object *log_data(const char *name, ...) __attribute__((sentinel));

/* One line. action is the last part of its message. They take data, an object or NULL, as their own; its fields stand beside
 * those of the logger. error may be NULL. */
void log_debug(struct logger *logger, const char *action, json_object *data);
void log_info(struct logger *logger, const char *action, json_object *data);
void log_error(struct logger *logger, const char *action, const char *error, json_object *data);

/* The last line of the program: waits at most a second until it is written, and exits with 2. */
#define log_fatal(logger, action, error, data) log_fatal_at(logger, action, error, data, __FILE__, __LINE__, __func__)
_Noreturn void log_fatal_at(struct logger *logger, const char *action, const char *error, json_object *data,
	const char *file, int line, const char *function);

/* What say and its kin say goes into the log from now on, as lines of this logger: its text is the field "message", and the
 * action tells its level: "detail", "note", "warning" or "failure". */
void log_say(struct logger *logger);

/* "debug", "info", "warn", "error" or "fatal": lines below it are dropped. There is no level warn in a line; a warning is
 * written as info, and is shown with the level warn while other info is not. False for any other word. */
bool log_set_level(const char *level);

/* Opens the log's file anew (see logfile.h), and logs it when that fails. */
void log_reopen(void);

#endif
