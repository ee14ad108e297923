#include "common/bundle/limits.h"

#include "common/base/object.h"

#include <inttypes.h>
#include <math.h>
#include <stdlib.h>

enum { PERIOD_US = 100000, LEAST_QUOTA_US = 1000 }; /* the kernel takes no quota below a millisecond */

/* Limits are signed in the OCI runtime specification; nothing has as much anyway. */
static uint64_t capped(uint64_t value)
{
	return value > INT64_MAX ? INT64_MAX : value;
}

/* Microseconds of every period; 0: no quota. */
static uint64_t quota(uint64_t shares, uint64_t per_share)
{
	uint64_t product;

	if (shares == 0 || per_share == 0)
		return 0;
	if (__builtin_mul_overflow(shares, per_share, &product))
		return INT64_MAX;
	return product < LEAST_QUOTA_US ? LEAST_QUOTA_US : capped(product);
}

uint64_t limits_weight(uint64_t shares)
{
	const uint64_t least = 2, most = 262144; /* shares that the kernel takes; weights go from 1 to 10000 */
	double l;

	if (shares == 0)
		return 0;
	if (shares <= least)
		return 1;
	if (shares >= most)
		return 10000;
	/* On logarithmic scales a parabola through both ends and the defaults, 1024 shares and a weight of 100. */
	l = log2((double)shares);
	return (uint64_t)ceil(pow(10, (l * l + 125 * l) / 612 - 7.0 / 34));
}

uint64_t limits_shares(uint64_t weight)
{
	double e, l;

	if (weight == 0)
		return 0;
	if (weight == 1)
		return 2;
	if (weight >= 10000)
		return 262144;
	/* The other way round on the same parabola, from the middle of the shares that were rounded up to this weight. */
	e = log10(sqrt((double)(weight - 1) * (double)weight));
	l = (-125 + sqrt(15625 + 4 * 612 * (e + 7.0 / 34))) / 2;
	return (uint64_t)llround(exp2(l));
}

static json_object *memory(uint64_t bytes, bool swap_too)
{
	json_object *made = json_object_new_object();

	object_add_unsigned(made, "limit", capped(bytes));
	if (swap_too) /* the sum of both, so none is left for swap alone */
		object_add_unsigned(made, "swap", capped(bytes));
	return made;
}

static json_object *cpu_v1(uint64_t shares, uint64_t quota_us)
{
	json_object *made = json_object_new_object();

	object_add_unsigned(made, "shares", shares);
	if (quota_us) {
		object_add_unsigned(made, "quota", quota_us);
		object_add_unsigned(made, "period", PERIOD_US);
	}
	return made;
}

static json_object *cpu_v2(uint64_t shares, uint64_t quota_us)
{
	json_object *made = json_object_new_object();
	autofree char *weight = xprintf("%" PRIu64, limits_weight(shares));
	autofree char *max = xprintf("%" PRIu64 " %d", quota_us, PERIOD_US);

	if (quota_us)
		object_add_string(made, "cpu.max", max);
	object_add_string(made, "cpu.weight", weight);
	return made;
}

static json_object *single(const char *name, uint64_t value)
{
	json_object *made = json_object_new_object();

	object_add_unsigned(made, name, value);
	return made;
}

json_object *limits_rule(const struct limits *limits, const struct settings *settings, bool cgroup_v2,
	json_object *devices)
{
	json_object *resources = json_object_new_object();
	uint64_t quota_us = quota(limits->cpu_shares, settings->cpu_quota_per_share);

	if (devices)
		object_add(resources, "devices", devices);
	if (limits->memory_bytes)
		object_add(resources, "memory", memory(limits->memory_bytes, !settings->disable_swap_limit));
	if (limits->cpu_shares && !cgroup_v2)
		object_add(resources, "cpu", cpu_v1(limits->cpu_shares, quota_us));
	if (limits->pids)
		object_add(resources, "pids", single("limit", capped(limits->pids)));
	if (settings->default_blockio_weight)
		object_add(resources, "blockIO", single("weight", settings->default_blockio_weight));
	if (limits->cpu_shares && cgroup_v2)
		object_add(resources, "unified", cpu_v2(limits->cpu_shares, quota_us));
	return resources;
}

void limits_of(json_object *bundle, struct limits *limits)
{
	json_object *resources = json_member(json_member(bundle, "linux"), "resources");
	const char *weight = json_string(json_member(resources, "unified"), "cpu.weight");

	*limits = (struct limits){
		.memory_bytes = json_number(json_member(resources, "memory"), "limit"),
		.cpu_shares = json_number(json_member(resources, "cpu"), "shares"),
		.pids = json_number(json_member(resources, "pids"), "limit"),
	};
	if (*weight)
		limits->cpu_shares = limits_shares(strtoull(weight, NULL, 10));
}

char *limits_cgroup(const char *handle, const char *tag, bool cgroup_v2)
{
	return xprintf("%sgarden%s%s/%s", cgroup_v2 ? "/" : "", tag && *tag ? "-" : "", tag ? tag : "", handle);
}
