/* What a program says to people: warnings, fatal messages and log lines on standard error. The library below the
 * operations never speaks; operations may log, and programs decide how much of it is shown. */
#ifndef COMMON_BASE_SAY_H
#define COMMON_BASE_SAY_H

#include <stdarg.h>

enum say_level { SAY_DEBUG, SAY_INFO, SAY_WARN, SAY_ERROR };

/* Set first thing in main; stands before every line. */
extern const char *progname;

/* Lines below this level are not shown. SAY_WARN until a program changes it. */
extern enum say_level say_threshold;

/* Where lines go instead of standard error if it is not NULL, without progname; fatal ones excepted. */
extern void (*say_sink)(enum say_level level, const char *text);

/* An operation begins a step that may take its time, named for whoever watches: what hangs or dies is then known by name. Goes
 * to the sink, if there is one. */
extern void (*say_step_sink)(const char *name);
void say_step(const char *name);

/* One line on standard error: "progname: text". Keeps errno. */
void say(enum say_level level, const char *format, ...) __attribute__((format(printf, 2, 3)));

/* say at SAY_WARN; warn_sys adds ": " and the text of errno. */
void warn(const char *format, ...) __attribute__((format(printf, 1, 2)));
void warn_sys(const char *format, ...) __attribute__((format(printf, 1, 2)));

/* "progname: fatal: text" and exit with code; die_sys says "unable to" first and adds the text of errno, so the
 * message is a verb phrase: die_sys(1, "open %s", path). */
_Noreturn void die(int code, const char *format, ...) __attribute__((format(printf, 2, 3)));
_Noreturn void die_sys(int code, const char *format, ...) __attribute__((format(printf, 2, 3)));

#endif
