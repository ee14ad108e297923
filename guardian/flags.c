#include "guardian/flags.h"

#include "guardian/duration.h"

#include <limits.h>
#include <stdlib.h>
#include <string.h>

#define TAG_MOST 2 /* characters */

const struct flag *flag_find(const char *name, size_t len, unsigned commands)
{
	for (size_t i = 0; i < flag_count; i++) {
		const struct flag *flag = &flag_table[i];

		if (flag->commands & commands && strlen(flag->name) == len && memcmp(flag->name, name, len) == 0)
			return flag;
	}
	return NULL;
}

void *flag_variable(struct flags *flags, const struct flag *flag)
{
	return (char *)flags + flag->variable;
}

/* "debug, info, error or fatal" */
static void add_choices(struct text *text, const char *const *choices)
{
	for (size_t i = 0; choices[i]; i++)
		text_addf(text, "%s%s", i == 0 ? "" : choices[i + 1] ? ", " : " or ", choices[i]);
}

static int check_choice(const struct flag *flag, const char *value, struct error *err)
{
	autotext struct text choices = { 0 };

	for (size_t i = 0; flag->choices[i]; i++)
		if (strcmp(flag->choices[i], value) == 0)
			return 0;
	add_choices(&choices, flag->choices);
	return fail(err, "Invalid value `%s' for option `--%s'. Allowed values are: %s", value, flag->name,
		text_string(&choices));
}

int flag_take(struct flags *flags, const struct flag *flag, const char *value, struct error *err)
{
	autofree char *element = NULL;

	if (flag->choices && check_choice(flag, value, err) < 0)
		return -1;
	if (!flag->list)
		return flag->type->take(flag_variable(flags, flag), value, err);
	if (flag->type->take(&element, value, err) < 0)
		return -1;
	strings_add(flag_variable(flags, flag), element);
	return 0;
}

void flags_default(struct flags *flags)
{
	struct error ignored; /* see flags.h */

	*flags = (struct flags){ 0 };
	for (size_t i = 0; i < flag_count; i++)
		if (flag_table[i].initial)
			(void)flag_take(flags, &flag_table[i], flag_table[i].initial, &ignored);
}

void flags_free(struct flags *flags)
{
	for (size_t i = 0; i < flag_count; i++) {
		void *variable = flag_variable(flags, &flag_table[i]);

		if (flag_table[i].list)
			strings_free(variable);
		else if (flag_table[i].type->storage == VALUE_TEXT)
			free(*(char **)variable);
	}
	*flags = (struct flags){ 0 };
}

static bool given(const char *text)
{
	return text && *text;
}

/* Interfaces are called "w", the tag, 11 characters and "-0", which the kernel allows 15 bytes for: a tag of two is for those
 * who leave interfaces to a plugin. */
static int check_tag(const struct flags *flags, struct error *err)
{
	size_t len = flags->tag ? strlen(flags->tag) : 0;

	if (len > TAG_MOST || (len == TAG_MOST && !flags->network_plugin))
		return fail(err, "interface prefix is too long");
	return 0;
}

/* Who is at the other end of a TCP connection is not known, so a list of who may be there would promise what it cannot keep. */
static int check_listener(const struct flags *flags, struct error *err)
{
	if (flags->bind_ip && flags->allow_peer_uid.count + flags->allow_peer_gid.count > 0)
		return fail(err, "--allow-peer-uid and --allow-peer-gid need a Unix socket, and --bind-ip replaces it");
	if (flags->client_stall_limit_ns < 0)
		return fail(err, "negative --client-stall-limit");
	return 0;
}

static int check_limits(const struct flags *flags, struct error *err)
{
	if (flags->worker_limit == 0)
		return fail(err, "--worker-limit must be at least 1");
	if (flags->step_timeout_ns <= 0)
		return fail(err, "non-positive --step-timeout");
	if (flags->lock_timeout_ns < 0)
		return fail(err, "negative --lock-timeout");
	return 0;
}

int flags_check(const struct flags *flags, struct error *err)
{
	if (check_tag(flags, err) < 0 || check_listener(flags, err) < 0 || check_limits(flags, err) < 0)
		return -1;
	if (flags->port_pool_start + flags->port_pool_size > UINT16_MAX)
		return fail(err, "invalid pool range: port_pool: New: invalid port range: startL %llu, size: %llu",
			(unsigned long long)flags->port_pool_start, (unsigned long long)flags->port_pool_size);
	if (flags->metrics_emission_interval_ns <= 0)
		return fail(err, "non-positive metrics emission interval");
	if (flags->enable_cpu_throttling && flags->cpu_throttling_check_interval_seconds == 0)
		return fail(err, "non-positive CPU throttling checking interval");
	return 0;
}

/* Whole seconds, rounded up: a short limit must not become none. */
static int seconds(int64_t ns)
{
	int64_t whole = ns / DURATION_SECOND + (ns % DURATION_SECOND > 0);

	return whole > INT_MAX / 1000 ? INT_MAX / 1000 : (int)whole;
}

static void set_if_given(char **knob, const char *value)
{
	if (given(value))
		settings_set(knob, value);
}

static void add_all(struct strings *to, const struct strings *from)
{
	for (size_t i = 0; i < from->count; i++)
		strings_add(to, from->item[i]);
}

void flags_settings(const struct flags *flags, struct settings *settings)
{
	settings_default(settings);
	settings_set(&settings->depot, flags->depot);
	settings_set(&settings->state_dir, flags->state_dir);
	settings_set(&settings->runtime, flags->runtime_plugin);
	add_all(&settings->runtime_extra_args, &flags->runtime_plugin_extra_arg);
	set_if_given(&settings->dadoo, flags->dadoo_bin);
	set_if_given(&settings->init, flags->init_bin);
	set_if_given(&settings->nstar, flags->nstar_bin);
	set_if_given(&settings->tar, flags->tar_bin);
	settings->uid_map_start = (uint32_t)flags->uid_map_start;
	settings->uid_map_length = (uint32_t)flags->uid_map_length;
	settings->gid_map_start = (uint32_t)flags->gid_map_start;
	settings->gid_map_length = (uint32_t)flags->gid_map_length;
	set_if_given(&settings->apparmor, flags->apparmor);
	settings->no_new_privileges = flags->no_new_privileges;
	settings->disable_privileged_containers = flags->disable_privileged_containers;
	settings->cleanup_process_dirs_on_wait = flags->cleanup_process_dirs_on_wait;
	settings->disable_swap_limit = flags->disable_swap_limit;
	set_if_given(&settings->tag, flags->tag);
	add_all(&settings->device_rules, &flags->device_cgroup_rule);
	settings->tcp_keepalive_time = (uint32_t)flags->tcp_keepalive_time;
	settings->tcp_keepalive_interval = (uint32_t)flags->tcp_keepalive_interval;
	settings->tcp_keepalive_probes = (uint32_t)flags->tcp_keepalive_probes;
	settings->tcp_retries1 = (uint32_t)flags->tcp_retries1;
	settings->tcp_retries2 = (uint32_t)flags->tcp_retries2;
	settings->max_containers = flags->max_containers > UINT_MAX ? UINT_MAX : (unsigned)flags->max_containers;
	settings->cpu_quota_per_share = flags->cpu_quota_per_share_us;
	settings->cpu_entitlement_per_share = flags->cpu_entitlement_per_share;
	settings->default_blockio_weight = (unsigned)flags->default_container_blockio_weight;
	settings->step_seconds = seconds(flags->step_timeout_ns);
	settings->lock_seconds = seconds(flags->lock_timeout_ns);
}

bool flags_list_id(const struct strings *list, unsigned id)
{
	for (size_t i = 0; i < list->count; i++)
		if (strtoul(list->item[i], NULL, 10) == id)
			return true;
	return false;
}
