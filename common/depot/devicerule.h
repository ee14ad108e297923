/* An operator's rule about a device: "TYPE MAJOR:MINOR ACCESS" as in cgroup version 1's devices.allow, each number may be
 * `*`. TYPE and ACCESS are the kernel's to judge. */
#ifndef COMMON_DEPOT_DEVICERULE_H
#define COMMON_DEPOT_DEVICERULE_H

#include "common/base/error.h"

#include <stdint.h>

#define DEVICE_ANY (-1) /* whatever number */

struct device_rule {
	const char *type; /* "c", "b" */
	int64_t major, minor;
	const char *access;
};

/* Cuts words in place; the rule then points into them. ERROR_BAD_INPUT, and words as they were, when they make no rule. */
int device_rule_parse(char *words, struct device_rule *rule, struct error *err);

#endif
