/* The commands of the command line. */
#ifndef GUARDIAN_COMMAND_H
#define GUARDIAN_COMMAND_H

#include "common/base/error.h"

#include <stddef.h>

/* As bits, so that a flag can say which have it. */
enum command {
	COMMAND_NONE = 0,
	COMMAND_CLEANUP = 1 << 0,
	COMMAND_SERVER = 1 << 1,
	COMMAND_SETUP = 1 << 2,
};

/* The command of that name, len bytes of it; COMMAND_NONE if there is none. */
enum command command_find(const char *name, size_t len);

const char *command_name(enum command command);

/* What its log lines carry as their source: "guardian", "guardian-setup", ... */
const char *command_component(enum command command);

/* Fills err with what to tell about a word that is no command, or (NULL) about the lack of one. Returns -1. */
int command_refuse(const char *word, struct error *err);

#endif
