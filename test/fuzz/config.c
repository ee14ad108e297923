/* Any bytes as the configuration file. What it says must be what the same lines say when they are written anew, with each value
 * in quotes; and what is refused must say where and why. */
#include "guardian/config.h"

#include "guardian/duration.h"
#include "guardian/ini.h"
#include "guardian/quote.h"
#include "test/fuzz/must.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len);

#define NAME "gdn.ini"

static void write_lines(const struct ini *ini, struct text *text)
{
	for (size_t i = 0; i < ini->count; i++) {
		const struct ini_line *line = &ini->line[i];
		autofree char *quoted = line->key ? quote(line->value) : NULL;

		if (line->key)
			text_addf(text, "%s = %s\n", line->key, quoted);
		else
			text_addf(text, "[%s]\n", line->section);
	}
}

static bool equal(const char *one, const char *other)
{
	return one && other ? strcmp(one, other) == 0 : one == other;
}

static void check_lines(const struct ini *ini, const struct ini *again)
{
	must(ini->count == again->count);
	for (size_t i = 0; i < ini->count; i++) {
		must(equal(ini->line[i].section, again->line[i].section));
		must(equal(ini->line[i].key, again->line[i].key));
		must(equal(ini->line[i].value, again->line[i].value));
	}
}

static void check_error(const struct error *err)
{
	must(strstr(err->text, NAME ":") || strncmp(err->text, "could not find option group", 27) == 0);
}

/* What is kept of a duration can be written, and means the same then. */
static void check_duration(int64_t ns)
{
	autotext struct text written = { 0 };
	struct error err;
	int64_t again;

	duration_add(&written, ns);
	must(duration_parse(text_string(&written), &again, &err) == 0);
	must(ns == again);
}

static void check_values(struct flags *flags)
{
	struct settings settings;
	struct error err = { 0 };

	for (size_t i = 0; i < flag_count; i++)
		if (flag_table[i].type == &value_duration)
			check_duration(*(int64_t *)flag_variable(flags, &flag_table[i]));
	must(flags->bind_port <= UINT16_MAX && flags->socket_mode <= 0777);
	flags_list_id(&flags->allow_peer_uid, 0);
	must(flags_check(flags, &err) == 0 || *err.text);
	flags_settings(flags, &settings);
	settings_free(&settings);
}

static bool same_value(struct flags *flags, struct flags *again, const struct flag *flag)
{
	void *one = flag_variable(flags, flag), *other = flag_variable(again, flag);

	if (flag->list) {
		const struct strings *ones = one, *others = other;
		bool same = ones->count == others->count;

		for (size_t i = 0; same && i < ones->count; i++)
			same = equal(ones->item[i], others->item[i]);
		return same;
	}
	switch (flag->type->storage) {
	case VALUE_BOOL: return *(bool *)one == *(bool *)other;
	case VALUE_TEXT: return equal(*(char **)one, *(char **)other);
	case VALUE_UNSIGNED: return *(uint64_t *)one == *(uint64_t *)other;
	case VALUE_SIGNED: return *(int64_t *)one == *(int64_t *)other;
	case VALUE_FLOAT: return memcmp(one, other, sizeof(double)) == 0;
	}
	return false;
}

static int apply(const char *bytes, size_t len, struct flags *flags, struct error *err)
{
	flags_default(flags);
	return config_apply(bytes, len, NAME, COMMAND_SERVER, flags, err);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
	autoini struct ini ini = { 0 }, ini_again = { 0 };
	autotext struct text bytes = { 0 }, written = { 0 };
	struct flags flags, again;
	struct error err = { 0 };
	int result;

	if (len == 0)
		return 0;
	text_add(&bytes, data, len);
	if (ini_parse(bytes.data, bytes.len, NAME, &ini, &err) < 0) {
		check_error(&err);
		return 0;
	}
	write_lines(&ini, &written);
	must(ini_parse(text_string(&written), written.len, NAME, &ini_again, &err) == 0);
	check_lines(&ini, &ini_again);
	result = apply(bytes.data, bytes.len, &flags, &err);
	if (result < 0)
		check_error(&err);
	else
		check_values(&flags);
	must(apply(text_string(&written), written.len, &again, &err) == result);
	for (size_t i = 0; i < flag_count; i++)
		must(same_value(&flags, &again, &flag_table[i]));
	flags_free(&flags);
	flags_free(&again);
	return 0;
}
