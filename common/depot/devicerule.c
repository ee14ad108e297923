#include "common/depot/devicerule.h"

#include <ctype.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

/* The number between from and end. */
static int parse_number(const char *from, const char *end, int64_t *number)
{
	char *stopped;

	if (*from == '*' && from + 1 == end) {
		*number = DEVICE_ANY;
		return 0;
	}
	errno = 0;
	*number = strtoll(from, &stopped, 10);
	return isdigit((unsigned char)*from) && stopped == end && !errno ? 0 : -1;
}

int device_rule_parse(char *words, struct device_rule *rule, struct error *err)
{
	char *numbers = strchr(words, ' '), *access = numbers ? strchr(numbers + 1, ' ') : NULL, *colon;

	if (!access || strchr(access + 1, ' '))
		return fail_kind(err, ERROR_BAD_INPUT, "invalid device specification: %s", words);
	colon = memchr(numbers, ':', (size_t)(access - numbers));
	if (!colon || memchr(colon + 1, ':', (size_t)(access - colon - 1)))
		return fail_kind(err, ERROR_BAD_INPUT, "invalid device versions: %s", words);
	if (parse_number(numbers + 1, colon, &rule->major) < 0)
		return fail_kind(err, ERROR_BAD_INPUT, "invalid device major version: %s", words);
	if (parse_number(colon + 1, access, &rule->minor) < 0)
		return fail_kind(err, ERROR_BAD_INPUT, "invalid device minor version: %s", words);
	*numbers = *access = '\0';
	rule->type = words;
	rule->access = access + 1;
	return 0;
}
