#include "common/base/filter.h"

#include "common/base/say.h"
#include "common/base/text.h"

#include <errno.h>
#include <linux/filter.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>

static void check(int result)
{
	if (result < 0)
		die(1, "seccomp filter: %s", strerror(-result));
}

scmp_filter_ctx filter_begin(uint32_t otherwise)
{
	scmp_filter_ctx filter = seccomp_init(otherwise);

	check(filter ? 0 : -ENOMEM);
	return filter;
}

void filter_add(scmp_filter_ctx filter, uint32_t action, const int *calls, size_t count)
{
	for (size_t i = 0; i < count; i++)
		check(seccomp_rule_add(filter, action, calls[i], 0));
}

void filter_allow_where(scmp_filter_ctx filter, int call, struct scmp_arg_cmp argument)
{
	check(seccomp_rule_add(filter, SCMP_ACT_ALLOW, call, 1, argument));
}

void filter_allow_mappings(scmp_filter_ctx filter)
{
	static const int calls[] = { SCMP_SYS(mmap), SCMP_SYS(mmap2), SCMP_SYS(mprotect) };

	for (size_t i = 0; i < ARRAY_SIZE(calls); i++)
		filter_allow_where(filter, calls[i], SCMP_A2(SCMP_CMP_MASKED_EQ, PROT_EXEC, 0));
}

void filter_print(scmp_filter_ctx filter, const char *source)
{
	struct sock_filter step;
	FILE *program = tmpfile();

	check(program ? 0 : -errno);
	check(seccomp_export_bpf(filter, fileno(program)));
	rewind(program);
	printf("/* Made by %s. */\n#include <linux/filter.h>\n\nstatic const struct sock_filter filter[] = {\n",
		source);
	while (fread(&step, sizeof step, 1, program) == 1)
		printf("\t{ 0x%02x, %u, %u, 0x%08x },\n", step.code, step.jt, step.jf, step.k);
	puts("};");
	fclose(program);
	seccomp_release(filter);
}
