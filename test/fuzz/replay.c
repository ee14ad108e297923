/* The main of a fuzz target that is no fuzzer: gives it the bytes of each file it is called with, and ends well unless one of
 * them breaks it. */
#include "common/base/statefile.h"
#include "common/base/text.h"

#include <errno.h>
#include <fcntl.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len);

#define LARGEST (1 << 20)

int main(int argc, char **argv)
{
	for (int i = 1; i < argc; i++) {
		size_t len;
		char *bytes = statefile_read(AT_FDCWD, argv[i], LARGEST, &len);

		if (!bytes) {
			fprintf(stderr, "read %s: %s\n", argv[i], strerror(errno));
			return 1;
		}
		/* Of its own size, so that a sanitizer sees each byte too many. */
		bytes = xrealloc(bytes, len);
		LLVMFuzzerTestOneInput((const uint8_t *)bytes, len);
		free(bytes);
	}
	return 0;
}
