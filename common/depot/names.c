#include "common/depot/names.h"

#include "common/base/text.h"

#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>

/* "HANDLE~gone" and ".dadoo.ID.log" must still be file names, which end at 255 bytes. */
#define LONGEST 240

static bool allowed(const char *name)
{
	return name[strspn(name, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_+.-")] == '\0';
}

static int check(const char *what, const char *name, struct error *err)
{
	if (!*name)
		return fail_kind(err, ERROR_BAD_INPUT, "empty %s", what);
	if (!strcmp(name, ".") || !strcmp(name, ".."))
		return fail_kind(err, ERROR_BAD_INPUT, "invalid %s '%s'", what, name);
	if (!allowed(name))
		return fail_kind(err, ERROR_BAD_INPUT, "invalid %s '%s': only letters, digits and _ + . - are allowed",
			what, name);
	if (strlen(name) > LONGEST)
		return fail_kind(err, ERROR_BAD_INPUT, "invalid %s: %zu bytes are too long, %d is the most", what,
			strlen(name), LONGEST);
	return 0;
}

int name_check_handle(const char *handle, struct error *err)
{
	return check("handle", handle, err);
}

int name_check_id(const char *id, struct error *err)
{
	return check("process ID", id, err);
}

char *name_shim_log(const char *id)
{
	return xprintf("dadoo.%s.log", id);
}

char *name_gone(const char *handle)
{
	return xprintf("%s~gone", handle);
}

char *name_random(void)
{
	uint8_t b[16];

	if (getrandom(b, sizeof b, 0) != sizeof b)
		abort(); /* cannot happen for so few bytes once the kernel's pool is ready */
	b[6] = (uint8_t)((b[6] & 0x0f) | 0x40);
	b[8] = (uint8_t)((b[8] & 0x3f) | 0x80);
	return xprintf("%02x%02x%02x%02x-%02x%02x-%02x%02x-%02x%02x-%02x%02x%02x%02x%02x%02x", b[0], b[1], b[2], b[3],
		b[4], b[5], b[6], b[7], b[8], b[9], b[10], b[11], b[12], b[13], b[14], b[15]);
}
