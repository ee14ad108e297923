/* Durations as text: "300ms", "1m30s", "-1.5h", "0". */
#ifndef GUARDIAN_DURATION_H
#define GUARDIAN_DURATION_H

#include "common/base/error.h"
#include "common/base/text.h"

#include <stdint.h>

#define DURATION_MS INT64_C(1000000)
#define DURATION_SECOND (1000 * DURATION_MS)

/* Numbers, each with a unit (ns, us or µs, ms, s, m, h), behind one sign for all of them; only 0 needs no unit. 0, or -1
 * with err. */
int duration_parse(const char *text, int64_t *ns, struct error *err);

/* Adds the shortest text for it that names hours, minutes and seconds: "1h0m0.5s"; below a second "1.5ms". */
void duration_add(struct text *text, int64_t ns);

#endif
