#include "guardian/values.h"

#include "common/base/accounts.h"
#include "common/base/fd.h"
#include "common/base/text.h"
#include "common/depot/devicerule.h"
#include "guardian/duration.h"
#include "guardian/quote.h"

#include <arpa/inet.h>
#include <ctype.h>
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <math.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static void keep_text(void *variable, char *text)
{
	char **kept = variable;

	free(*kept);
	*kept = text;
}

static int not_parsed(const char *function, const char *value, const char *reason, struct error *err)
{
	autofree char *quoted = quote(value);

	return fail(err, "strconv.%s: parsing %s: %s", function, quoted, reason);
}

static int take_bool(void *variable, const char *value, struct error *err)
{
	static const char *const words[] = { "0", "f", "F", "false", "FALSE", "False", "1", "t", "T", "true", "TRUE",
		"True" };

	for (size_t i = 0; i < ARRAY_SIZE(words); i++) {
		if (strcmp(words[i], value) == 0) {
			*(bool *)variable = i >= ARRAY_SIZE(words) / 2;
			return 0;
		}
	}
	return not_parsed("ParseBool", value, "invalid syntax", err);
}

static int take_text(void *variable, const char *value, struct error *err)
{
	(void)err;
	keep_text(variable, xstrdup(value));
	return 0;
}

/* Digits only: strtoull alone would take blanks and signs. */
static bool all_digits(const char *value)
{
	return *value && value[strspn(value, "0123456789")] == '\0';
}

static int take_unsigned(uint64_t *variable, const char *value, uint64_t most, struct error *err)
{
	uint64_t number;

	if (!all_digits(value))
		return not_parsed("ParseUint", value, "invalid syntax", err);
	errno = 0;
	number = strtoull(value, NULL, 10);
	if (errno || number > most)
		return not_parsed("ParseUint", value, "value out of range", err);
	*variable = number;
	return 0;
}

static int take_u16(void *variable, const char *value, struct error *err)
{
	return take_unsigned(variable, value, UINT16_MAX, err);
}

static int take_u32(void *variable, const char *value, struct error *err)
{
	return take_unsigned(variable, value, UINT32_MAX, err);
}

static int take_u64(void *variable, const char *value, struct error *err)
{
	return take_unsigned(variable, value, UINT64_MAX, err);
}

static int take_int(void *variable, const char *value, struct error *err)
{
	int64_t number;

	if (!all_digits(value + (*value == '-' || *value == '+')))
		return not_parsed("ParseInt", value, "invalid syntax", err);
	errno = 0;
	number = strtoll(value, NULL, 10);
	if (errno)
		return not_parsed("ParseInt", value, "value out of range", err);
	*(int64_t *)variable = number;
	return 0;
}

/* Infinity and what is no number are refused too: nothing could be computed from them. */
static int take_float(void *variable, const char *value, struct error *err)
{
	char *end;
	double number = strtod(value, &end);

	if (!*value || *end || isspace((unsigned char)*value))
		return not_parsed("ParseFloat", value, "invalid syntax", err);
	if (!isfinite(number))
		return not_parsed("ParseFloat", value, "value out of range", err);
	*(double *)variable = number;
	return 0;
}

static int take_duration(void *variable, const char *value, struct error *err)
{
	return duration_parse(value, variable, err);
}

/* An address of either version, as bytes and canonical text. */
struct address {
	unsigned char bytes[16];
	unsigned bits; /* 32 or 128 */
};

static bool address_parse(const char *text, struct address *address)
{
	int family = strchr(text, ':') ? AF_INET6 : AF_INET;

	address->bits = family == AF_INET ? 32 : 128;
	return inet_pton(family, text, address->bytes) == 1;
}

static const char *address_text(const struct address *address, char text[INET6_ADDRSTRLEN])
{
	return inet_ntop(address->bits == 32 ? AF_INET : AF_INET6, address->bytes, text, INET6_ADDRSTRLEN);
}

static int take_ip(void *variable, const char *value, struct error *err)
{
	struct address address;
	char text[INET6_ADDRSTRLEN];

	if (!address_parse(value, &address))
		return fail(err, "invalid IP: '%s'", value);
	keep_text(variable, xstrdup(address_text(&address, text)));
	return 0;
}

static void clear_host_bits(struct address *address, unsigned length)
{
	for (unsigned i = 0; i < address->bits / 8; i++) {
		unsigned kept = length <= i * 8 ? 0 : length - i * 8 >= 8 ? 8 : length - i * 8;

		address->bytes[i] &= (unsigned char)(0xff00u >> kept);
	}
}

static int take_cidr(void *variable, const char *value, struct error *err)
{
	autofree char *network = xstrdup(value);
	char *slash = strchr(network, '/'), text[INET6_ADDRSTRLEN];
	struct address address;
	struct error ignored;
	uint64_t length;

	if (slash)
		*slash = '\0';
	if (!slash || !address_parse(network, &address) ||
		take_unsigned(&length, slash + 1, address.bits, &ignored) < 0)
		return fail(err, "invalid CIDR address: %s", value);
	clear_host_bits(&address, (unsigned)length);
	keep_text(variable, xprintf("%s/%" PRIu64, address_text(&address, text), length));
	return 0;
}

static int take_file(void *variable, const char *value, struct error *err)
{
	autofree char *here = NULL;
	struct stat st;

	if (stat(value, &st) < 0)
		return fail_sys(err, "stat %s", value);
	if (S_ISDIR(st.st_mode))
		return fail(err, "path '%s' is a directory, not a file", value);
	if (*value != '/' && !(here = getcwd(NULL, 0)))
		return fail_sys(err, "getwd");
	keep_text(variable, here ? xprintf("%s/%s", here, value) : xstrdup(value));
	return 0;
}

static int take_device_rule(void *variable, const char *value, struct error *err)
{
	autofree char *words = xstrdup(value);
	struct device_rule rule;

	if (device_rule_parse(words, &rule, err) < 0)
		return -1;
	keep_text(variable, xstrdup(value));
	return 0;
}

static int take_mode(void *variable, const char *value, struct error *err)
{
	if (!*value || strlen(value) > 4 || value[strspn(value, "01234567")] || strtoul(value, NULL, 8) > 0777)
		return fail(err, "'%s' is not between 0 and 0777", value);
	*(uint64_t *)variable = strtoul(value, NULL, 8);
	return 0;
}

/* A number needs no entry. */
static int take_id(void *variable, const char *value, enum accounts_file file, struct error *err)
{
	autoaccounts struct accounts accounts = { 0 };
	autoclose int root = -1;
	struct account account;
	uint64_t id;

	if (all_digits(value)) {
		/* The highest stands for "leave it" in chown(2). */
		if (take_unsigned(&id, value, UINT32_MAX - 1, err) < 0)
			return -1;
		keep_text(variable, xprintf("%" PRIu64, id));
		return 0;
	}
	root = open("/", O_PATH | O_DIRECTORY | O_CLOEXEC);
	if (root < 0 || accounts_load(root, file, &accounts) < 0)
		return fail_sys(err, "read accounts");
	if (accounts_find(&accounts, value, 0, &account) <= 0)
		return fail(err, "unknown %s '%s'", file == ACCOUNTS_USERS ? "user" : "group", value);
	keep_text(variable, xprintf("%u", account.id));
	return 0;
}

static int take_user(void *variable, const char *value, struct error *err)
{
	return take_id(variable, value, ACCOUNTS_USERS, err);
}

static int take_group(void *variable, const char *value, struct error *err)
{
	return take_id(variable, value, ACCOUNTS_GROUPS, err);
}

const struct value_type value_bool = { "bool", VALUE_BOOL, take_bool };
const struct value_type value_text = { "string", VALUE_TEXT, take_text };
const struct value_type value_u16 = { "uint16", VALUE_UNSIGNED, take_u16 };
const struct value_type value_u32 = { "uint32", VALUE_UNSIGNED, take_u32 };
const struct value_type value_u64 = { "uint64", VALUE_UNSIGNED, take_u64 };
const struct value_type value_int = { "int", VALUE_SIGNED, take_int };
const struct value_type value_float = { "float64", VALUE_FLOAT, take_float };
const struct value_type value_duration = { "time.Duration", VALUE_SIGNED, take_duration };
const struct value_type value_ip = { "guardiancmd.IPFlag", VALUE_TEXT, take_ip };
const struct value_type value_cidr = { "guardiancmd.CIDRFlag", VALUE_TEXT, take_cidr };
const struct value_type value_file = { "guardiancmd.FileFlag", VALUE_TEXT, take_file };
const struct value_type value_device_rule = { "guardiancmd.DeviceCgroupRuleFlag", VALUE_TEXT, take_device_rule };
const struct value_type value_mode = { "octal mode", VALUE_UNSIGNED, take_mode };
const struct value_type value_user = { "user", VALUE_TEXT, take_user };
const struct value_type value_group = { "group", VALUE_TEXT, take_group };
