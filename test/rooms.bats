#!/usr/bin/env bats
# Who may include whom. An arrow that is not here does not exist:
#
#	guardian, depotctl -> common/ops -> common/{bundle,runtime,image,net} -> common/depot -> common/base
#	dadoo, nstar -> common/base                                                              init -> libc
#
# But for one header: dadoo meets the others in the process directory, whose names are said once, in common/depot/names.h.

load helpers

setup() {
	cd "$BATS_TEST_DIRNAME/.."
}

sources() {
	find init dadoo nstar depotctl guardian common -name '*.[ch]'
}

# The rooms below a room, its own apart.
below() {
	case $1 in
	init | common/base) ;;
	dadoo | nstar | common/depot) echo common/base ;;
	common/bundle | common/runtime | common/image | common/net) echo common/depot common/base ;;
	common/ops) echo common/bundle common/runtime common/image common/net common/depot common/base ;;
	guardian | depotctl) echo common/ops "$(below common/ops)" ;;
	*) return 1 ;;
	esac
}

# Lines "FILE HEADER", one for each include of a header of ours.
includes() {
	sources | xargs grep -H '^#include "' | sed -E 's/:#include "([^"]*)".*/ \1/'
}

# The paths on each line become rooms: "common/base/fd.c" is in common/base, "dadoo/gen/filter.c" in dadoo. What is made at
# build time, dadoo-filter.h, belongs to its room too.
rooms() {
	sed -E 's,(^| )((common/)?[a-z]+)[/-][^ ]*,\1\2,g' | sort -u
}

@test "rooms: every file stands in a room that has a place on the map" {
	local room

	for room in $(sources | rooms); do
		below "$room" || fail "no place for $room"
	done
}

@test "rooms: every include follows an arrow" {
	local from to

	while read -r from to; do
		case " $from $(below "$from") " in
		*" $to "*) ;;
		*) fail "$from includes $to: $(includes | grep "^$from/.* $to/")" ;;
		esac
	done < <(includes | grep -v '^dadoo/.* common/depot/names.h$' | rooms)
}

@test "rooms: includes are written from the root" {
	local file header

	while read -r file header; do
		[ -e "$header" ] || [ "$header" = "${file%%/*}-filter.h" ] || fail "$file includes $header"
	done < <(includes)
}

@test "rooms: a file's own header is its first include" {
	local file

	for file in $(sources); do
		[ -e "${file%.c}.h" ] && [ "$file" != "${file%.c}.h" ] || continue
		assert_equal "$file: $(grep -m1 '^#include' "$file")" "$file: #include \"${file%.c}.h\""
	done
}
