#include "guardian/duration.h"

#include "guardian/quote.h"

#include <inttypes.h>
#include <stdbool.h>
#include <string.h>

#define MOST ((uint64_t)1 << 63) /* of either sign, or one more */

static const struct unit {
	const char *name;
	uint64_t ns;
} units[] = {
	{ "ns", 1 },
	{ "us", 1000 },
	{ "\xc2\xb5s", 1000 }, /* micro sign */
	{ "\xce\xbcs", 1000 }, /* Greek mu */
	{ "ms", 1000000 },
	{ "s", 1000000000 },
	{ "m", UINT64_C(60000000000) },
	{ "h", UINT64_C(3600000000000) },
};

static const struct unit *unit_find(const char *name, size_t len)
{
	for (size_t i = 0; i < ARRAY_SIZE(units); i++)
		if (strlen(units[i].name) == len && memcmp(units[i].name, name, len) == 0)
			return &units[i];
	return NULL;
}

/* whole + part / scale */
struct number {
	uint64_t whole, part;
	double scale;
};

/* The number at *at, which moves behind it. -1 when there is none, or it is too large. */
static int take_number(const char **at, struct number *number)
{
	const char *begin = *at;

	*number = (struct number){ .scale = 1 };
	for (; **at >= '0' && **at <= '9'; ++*at) {
		if (number->whole > MOST / 10)
			return -1;
		number->whole = number->whole * 10 + (uint64_t)(**at - '0');
	}
	if (**at != '.')
		return *at > begin ? 0 : -1;
	for (++*at; **at >= '0' && **at <= '9'; ++*at) {
		if (number->part > MOST / 10 - 1)
			continue; /* too small to count */
		number->part = number->part * 10 + (uint64_t)(**at - '0');
		number->scale *= 10;
	}
	return *at > begin + 1 ? 0 : -1;
}

static int invalid(const char *text, struct error *err)
{
	autofree char *quoted = quote(text);

	return fail(err, "time: invalid duration %s", quoted);
}

static int no_unit(const char *word, size_t len, const char *text, struct error *err)
{
	autofree char *name = xprintf("%.*s", (int)len, word), *quoted_name = quote(name), *quoted = quote(text);

	if (len == 0)
		return fail(err, "time: missing unit in duration %s", quoted);
	return fail(err, "time: unknown unit %s in duration %s", quoted_name, quoted);
}

/* Adds up the terms of text, which begin at at. */
static int add_terms(const char *at, const char *text, uint64_t *sum, struct error *err)
{
	do {
		const struct unit *unit;
		struct number number;
		size_t len;
		uint64_t term;

		if (take_number(&at, &number) < 0)
			return invalid(text, err);
		len = strcspn(at, ".0123456789");
		unit = unit_find(at, len);
		if (!unit)
			return no_unit(at, len, text, err);
		if (number.whole > MOST / unit->ns)
			return invalid(text, err);
		term = number.whole * unit->ns + (uint64_t)((double)number.part * ((double)unit->ns / number.scale));
		if (term > MOST - *sum)
			return invalid(text, err);
		*sum += term;
		at += len;
	} while (*at);
	return 0;
}

int duration_parse(const char *text, int64_t *ns, struct error *err)
{
	bool negative = *text == '-';
	const char *at = text + (negative || *text == '+');
	uint64_t sum = 0;

	if (strcmp(at, "0") != 0 && add_terms(at, text, &sum, err) < 0)
		return -1;
	if (sum > MOST - !negative)
		return invalid(text, err);
	*ns = (int64_t)(negative ? -sum : sum);
	return 0;
}

/* value / 10^digits, without zeros at the end. */
static void add_decimal(struct text *text, uint64_t value, int digits)
{
	uint64_t one = 1;

	for (int i = 0; i < digits; i++)
		one *= 10;
	text_addf(text, "%" PRIu64, value / one);
	value %= one;
	for (const char *point = "."; value; point = "") {
		one /= 10;
		text_addf(text, "%s%" PRIu64, point, value / one);
		value %= one;
	}
}

void duration_add(struct text *text, int64_t ns)
{
	static const uint64_t second = 1000000000, minute = 60 * second, hour = 60 * minute;
	uint64_t left = ns < 0 ? -(uint64_t)ns : (uint64_t)ns;
	int digits = left >= second ? 9 : left >= 1000000 ? 6 : left >= 1000 ? 3 : 0;
	const char *unit = digits == 6 ? "ms" : digits == 3 ? "\xc2\xb5s" : "ns";

	if (ns < 0)
		text_addf(text, "-");
	if (left >= hour)
		text_addf(text, "%" PRIu64 "h", left / hour);
	if (left >= minute)
		text_addf(text, "%" PRIu64 "m", left % hour / minute);
	add_decimal(text, left % minute, digits);
	text_addf(text, "%s", left == 0 || digits == 9 ? "s" : unit);
}
