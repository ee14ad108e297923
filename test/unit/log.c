/* The daemon's log, for guardian-log.bats: log LEVEL TIME-FORMAT [FILE], with a script on standard input. A line of it is one
 * of these; the lines come from the innermost logger begun.
 *
 *	begin NAME | end                     a logger below, and back
 *	add NAME VALUE | trace HEADER        fields of it
 *	debug ACTION | info ACTION           lines, with a field "n" that counts them
 *	error ACTION [TEXT] | fatal ACTION TEXT
 *	data JSON                            an info line "data" with these fields
 *	bytes HEX                            an info line "bytes" with a text of these bytes
 *	say LEVEL TEXT                       what an operation says, at a level from 0 to 3
 *	flood COUNT                          as many info lines
 *	level LEVEL | reopen
 *	mark FILE | await FILE               makes a file, and waits for one
 *	flush | finish MS                    writes what waits; prints to standard error whether something still does
 *	worker                               lines go to standard error from here on */
#include "guardian/log.h"
#include "common/base/clock.h"
#include "common/base/fd.h"
#include "common/base/object.h"
#include "common/base/say.h"
#include "guardian/logfile.h"

#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define DEEPEST 8

static struct logger inner[DEEPEST];
static size_t depth;
static int count;
static bool waits;

static struct logger *current(void)
{
	return depth ? &inner[depth - 1] : log_root();
}

static json_object *counted(void)
{
	json_object *data = json_object_new_object();

	object_add_int(data, "n", ++count);
	return data;
}

static void changed(int fd, bool waiting)
{
	(void)fd;
	waits = waiting;
}

static void to_stderr(const char *line, size_t len)
{
	fwrite(line, 1, len, stderr);
}

static void log_bytes(const char *hex)
{
	autotext struct text bytes = { 0 };

	for (; hex[0] && hex[1]; hex += 2) {
		char digits[] = { hex[0], hex[1], '\0' }, byte = (char)strtoul(digits, NULL, 16);

		text_add(&bytes, &byte, 1);
	}
	log_info(current(), "bytes", log_data("text", text_string(&bytes), NULL));
}

static void log_json(const char *text)
{
	struct error err;
	json_object *data = json_parse(text, strlen(text), &err);

	if (!data)
		die(1, "%s", err.text);
	log_info(current(), "data", data);
}

static void await_file(const char *path)
{
	for (int i = 0; i < 1000 && access(path, F_OK) < 0; i++)
		clock_sleep_ms(10);
}

static void nest(const char *verb, const char *word)
{
	if (strcmp(verb, "begin") == 0 && depth < DEEPEST) {
		log_begin(&inner[depth], current(), word);
		depth++;
	} else if (strcmp(verb, "end") == 0 && depth) {
		log_end(&inner[--depth]);
	}
}

/* rest is what stands behind word. */
static void write_lines(const char *verb, const char *word, const char *rest)
{
	if (strcmp(verb, "debug") == 0)
		log_debug(current(), word, counted());
	else if (strcmp(verb, "info") == 0)
		log_info(current(), word, counted());
	else if (strcmp(verb, "error") == 0)
		log_error(current(), word, *rest ? rest : NULL, NULL);
	else if (strcmp(verb, "fatal") == 0)
		log_fatal(current(), word, rest, NULL);
	else if (strcmp(verb, "bytes") == 0)
		log_bytes(word);
	else if (strcmp(verb, "say") == 0)
		say((enum say_level)atoi(word), "%s", rest);
	for (int i = 0; strcmp(verb, "flood") == 0 && i < atoi(word); i++)
		log_info(current(), "flood", counted());
}

static void change(const char *verb, const char *word, const char *rest)
{
	if (strcmp(verb, "add") == 0)
		log_add(current(), word, rest);
	else if (strcmp(verb, "trace") == 0)
		log_add_trace(current(), word);
	else if (strcmp(verb, "level") == 0)
		(void)log_set_level(word);
	else if (strcmp(verb, "reopen") == 0)
		log_reopen();
	else if (strcmp(verb, "worker") == 0)
		logfile_through(to_stderr);
}

static void move_on(const char *verb, const char *word)
{
	if (strcmp(verb, "mark") == 0)
		close(open(word, O_WRONLY | O_CREAT | O_CLOEXEC, 0600));
	else if (strcmp(verb, "await") == 0)
		await_file(word);
	else if (strcmp(verb, "flush") == 0)
		logfile_flush();
	else if (strcmp(verb, "finish") == 0)
		logfile_finish(atoi(word));
	else
		return;
	if (*verb == 'f')
		fprintf(stderr, "%s\n", waits ? "waiting" : "written");
}

static void obey(char *line)
{
	char *rest = line, *verb = strsep(&rest, " "), *word;

	if (strcmp(verb, "data") == 0) {
		log_json(rest);
		return;
	}
	word = strsep(&rest, " ");
	nest(verb, word);
	change(verb, word, rest ? rest : "");
	write_lines(verb, word ? word : "", rest ? rest : "");
	move_on(verb, word ? word : "0");
}

int main(int argc, char **argv)
{
	struct log_options options = { .component = "guardian" };
	autofree char *line = NULL;
	size_t size = 0;
	struct error err;
	ssize_t len;

	if (argc < 3)
		die(1, "usage: log LEVEL TIME-FORMAT [FILE] <script");
	signal(SIGPIPE, SIG_IGN);
	options.level = argv[1];
	options.time_format = argv[2];
	options.path = argv[3];
	if (log_open(&options, &err) < 0)
		die(1, "%s", err.text);
	logfile_watch(changed);
	log_say(log_root());
	while ((len = getline(&line, &size, stdin)) > 0) {
		line[strcspn(line, "\n")] = '\0';
		obey(line);
	}
	return 0;
}
