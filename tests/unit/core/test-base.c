// SPDX-License-Identifier: GPL-2.0-only
/* Bounds of a view, numbers, identity of lists. */
#include "walk.h"

static void test_bounds(void **state)
{
	static const __u8 b[16] = {0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15};
	struct core_view v = {b, 4, 8};

	(void)state;
	assert_ptr_equal(core_at(&v, 0, 1), b + 4);
	assert_ptr_equal(core_at(&v, 0, 8), b + 4);
	assert_ptr_equal(core_at(&v, 7, 1), b + 11);
	assert_ptr_equal(core_at(&v, 8, 0), b + 12);
	assert_null(core_at(&v, 0, 9));
	assert_null(core_at(&v, 8, 1));
	assert_null(core_at(&v, 1, 8));
	assert_null(core_at(&v, 9, 0));
	assert_null(core_at(&v, 0xffffffff, 1));
	assert_null(core_at(&v, 0xfffffffe, 4));
	assert_null(core_at(&v, 0, 0xffffffff));
	assert_null(core_at(&v, 0xffffffff, 0xffffffff));
}

static void test_text(void **state)
{
	struct core_view v = {(const __u8 *)"/boot/x", 0, 6};

	(void)state;
	assert_true(core_is_literal(&v, 0, "/boot/"));
	assert_true(core_is_literal(&v, 1, "boot/"));
	assert_false(core_is_literal(&v, 0, "/boot/x"));
	assert_false(core_is_literal(&v, 0, "/bood/"));
	assert_false(core_is_literal(&v, 0, "/boot0"));
	assert_false(core_is_literal(&v, 1, "/boot/"));
}

static void test_numbers(void **state)
{
	static const __u8 b[] = {0xfe, 0xdc, 0xba, 0x98};

	(void)state;
	assert_int_equal(core_get_be16(b), 0xfedc);
	assert_int_equal(core_get_le16(b), 0xdcfe);
	assert_int_equal(core_get_be32(b), 0xfedcba98);
	assert_int_equal(core_get_le32(b), 0x98badcfe);
}

static void id_of(const __u8 *p, __u32 n, __u8 *id)
{
	struct core_view v = {p, 0, n};

	core_listid(&v, id);
}

/* A new value means that lists loaded before an update cannot be taken away after it. */
static void test_id_is_stable(void **state)
{
	static const __u8 want[] = {0x02, 0xd2, 0xcb, 0x64, 0x23, 0x1c, 0x53, 0xb5,
				    0x94, 0x0d, 0x73, 0xa1, 0x5c, 0x7c, 0x40, 0xe9};
	__u8 b[100], id[DIGLIM_LIST_ID_SIZE];

	(void)state;
	for (__u8 i = 0; i < sizeof(b); i++)
		b[i] = i;
	id_of(b, sizeof(b), id);
	assert_memory_equal(id, want, sizeof(want));
}

/* Every bit, every length, and zeros at the end count. */
static void test_id_differs(void **state)
{
	static __u8 b[64], seen[64 * 8 + 65][DIGLIM_LIST_ID_SIZE];
	int n = 0;

	(void)state;
	for (__u32 len = 0; len <= 64; len++)
		id_of(b, len, seen[n++]);
	for (__u32 bit = 0; bit < 64 * 8; bit++) {
		b[bit / 8] ^= (__u8)(1 << bit % 8);
		id_of(b, 64, seen[n++]);
		b[bit / 8] ^= (__u8)(1 << bit % 8);
	}
	for (int i = 0; i < n; i++)
		for (int k = 0; k < i; k++) {
			/* Each half alone tells them apart. */
			assert_memory_not_equal(seen[i], seen[k], 8);
			assert_memory_not_equal(seen[i] + 8, seen[k] + 8, 8);
		}
}

/* Same words in another order, same bytes across the border of two words. */
static void test_id_order(void **state)
{
	__u8 a[24] = {1, 0, 0, 0, 0, 0, 0, 0, 2}, b[24] = {2, 0, 0, 0, 0, 0, 0, 0, 1};
	__u8 x[DIGLIM_LIST_ID_SIZE], y[DIGLIM_LIST_ID_SIZE];

	(void)state;
	id_of(a, 24, x);
	id_of(b, 24, y);
	assert_memory_not_equal(x, y, 8);
	assert_memory_not_equal(x + 8, y + 8, 8);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_bounds),	   cmocka_unit_test(test_text),
		cmocka_unit_test(test_numbers),	   cmocka_unit_test(test_id_is_stable),
		cmocka_unit_test(test_id_differs), cmocka_unit_test(test_id_order),
	};

	return cmocka_run_group_tests_name("core: base", tests, NULL, NULL);
}
