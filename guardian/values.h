/* The kinds of values that flags have: how one is read from text, checked and kept. Messages are the established ones, down
 * to the names of types and functions in them: scripts and tests match them. */
#ifndef GUARDIAN_VALUES_H
#define GUARDIAN_VALUES_H

#include "common/base/error.h"

/* In what kind of variable a value is kept. */
enum value_storage {
	VALUE_BOOL,     /* bool */
	VALUE_TEXT,     /* char *, NULL while there is none */
	VALUE_UNSIGNED, /* uint64_t */
	VALUE_SIGNED,   /* int64_t; durations in nanoseconds */
	VALUE_FLOAT,    /* double */
};

struct value_type {
	const char *name; /* as messages call it */
	enum value_storage storage;
	/* Puts the value into the variable, or leaves it as it was: -1 with err. */
	int (*take)(void *variable, const char *value, struct error *err);
};

extern const struct value_type value_bool, value_text, value_u16, value_u32, value_u64, value_int, value_float;
extern const struct value_type value_duration;
extern const struct value_type value_ip;          /* of either version, kept in its canonical form */
extern const struct value_type value_cidr;        /* kept as "network/length", host bits cleared */
extern const struct value_type value_file;        /* exists and is no directory, kept absolute */
extern const struct value_type value_device_rule; /* see common/depot/devicerule.h */
extern const struct value_type value_mode;        /* permission bits, octal */
extern const struct value_type value_user;        /* a number or a name of the host's passwd file, kept as a decimal */
extern const struct value_type value_group;       /* likewise of its group file */

#endif
