#include "depotctl/suggest.h"

#include <string.h>

#define LONGEST 32 /* no word we have is longer */

static int least(int a, int b)
{
	return a < b ? a : b;
}

/* The optimal string alignment distance: how many slips lead from one word to the other. */
static int slips(const char *a, const char *b)
{
	int distance[LONGEST + 1][LONGEST + 1];
	size_t a_len = strlen(a), b_len = strlen(b);

	if (a_len > LONGEST || b_len > LONGEST)
		return LONGEST;
	for (size_t i = 0; i <= a_len; i++) {
		for (size_t j = 0; j <= b_len; j++) {
			if (i == 0 || j == 0) {
				distance[i][j] = (int)(i + j);
				continue;
			}
			distance[i][j] = least(distance[i - 1][j - 1] + (a[i - 1] != b[j - 1]),
				1 + least(distance[i - 1][j], distance[i][j - 1]));
			if (i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1])
				distance[i][j] = least(distance[i][j], distance[i - 2][j - 2] + 1);
		}
	}
	return distance[a_len][b_len];
}

const char *suggest(const char *typed, const char *const *words, size_t count)
{
	const char *nearest = NULL;
	int fewest = 3;

	for (size_t i = 0; i < count; i++) {
		int found = slips(typed, words[i]);

		if (found < fewest && (size_t)found * 2 < strlen(words[i])) {
			fewest = found;
			nearest = words[i];
		}
	}
	return nearest;
}
