/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <errno.h>
#include <ini.h>
#include <limits.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "config.h"
#include "../../abi/limits.h"

#define MAX_LISTS_LIMIT (1U << 20)
#define RING_MIN	4096U
#define RING_MAX	(1U << 30)
#define SPOOL_MIN	(64U << 10)

enum { KEYS_MAX = 32 };

struct reading {
	FILE *f;
	unsigned line;
	struct config *config;
	unsigned seen;	   /* bit per key */
	unsigned bad_line; /* first thing that is wrong; 0: nothing */
	char what[256];
};

/* One key of the file: how to take its value. Returns NULL or what a right value looks like. */
struct config_key {
	const char *section;
	const char *name;
	const char *(*set)(struct config *c, const char *value);
};

int config_mode_parse(const char *text, enum diglim_mode *ret)
{
	static const char *const name[] = {
		[DIGLIM_MODE_OFF] = "off",
		[DIGLIM_MODE_AUDIT] = "audit",
		[DIGLIM_MODE_ENFORCE] = "enforce",
	};

	for (size_t i = 0; i < sizeof(name) / sizeof(*name); i++) {
		if (strcmp(text, name[i]) == 0) {
			*ret = (enum diglim_mode)i;
			return 0;
		}
	}
	return -EINVAL;
}

/* Digits and one unit; the table gives each unit's factor. */
static int parse_scaled(const char *text, const char *units, const uint64_t *factor, uint64_t *ret)
{
	unsigned long long value;
	const char *unit;
	char *end;

	if (*text < '0' || *text > '9')
		return -EINVAL;
	errno = 0;
	value = strtoull(text, &end, 10);
	if (errno)
		return -EINVAL;
	if (*end) {
		unit = strchr(units, *end);
		if (!unit || end[1] || value > UINT64_MAX / factor[unit - units])
			return -EINVAL;
		value *= factor[unit - units];
	}
	*ret = value;
	return 0;
}

int config_size_parse(const char *text, uint64_t *ret)
{
	static const uint64_t factor[] = {1ULL << 10, 1ULL << 20, 1ULL << 30};

	return parse_scaled(text, "KMG", factor, ret);
}

int config_span_parse(const char *text, uint64_t *ret)
{
	static const uint64_t factor[] = {1, 60, 3600, 86400};
	uint64_t value;

	if (parse_scaled(text, "smhd", factor, &value) || !value)
		return -EINVAL;
	*ret = value;
	return 0;
}

static const char *set_mode(struct config *c, const char *value)
{
	return config_mode_parse(value, &c->mode) ? "off, audit or enforce" : NULL;
}

static const char *set_headroom(struct config *c, const char *value)
{
	char *end;
	unsigned long percent = strtoul(value, &end, 10);

	if (*value < '0' || *value > '9' || strcmp(end, "%") != 0 || percent > 1000)
		return "a percentage from 0% to 1000%";
	c->headroom = (uint32_t)percent;
	return NULL;
}

static bool parse_bounded(const char *value, uint64_t min, uint64_t max, uint64_t *ret)
{
	return !config_size_parse(value, ret) && *ret >= min && *ret <= max;
}

static const char *set_max_lists(struct config *c, const char *value)
{
	uint64_t n;

	if (!parse_bounded(value, 1, MAX_LISTS_LIMIT, &n))
		return "a number from 1 to 1048576";
	c->max_lists = (uint32_t)n;
	return NULL;
}

static const char *set_buffer(struct config *c, const char *value)
{
	uint64_t n;

	/* The last page of the 4 MiB that an array map may take is the kernel's. */
	if (!config_size_parse(value, &n) && n == 4U << 20)
		n = DIGLIM_INGEST_MAX;
	else if (!parse_bounded(value, DIGLIM_INGEST_MIN, DIGLIM_INGEST_MAX, &n))
		return "a size from 64K to 4M";
	c->ingest_buffer = (uint32_t)n;
	return NULL;
}

static const char *set_ring(struct config *c, const char *value)
{
	uint64_t n;

	if (!parse_bounded(value, RING_MIN, RING_MAX, &n) || (n & (n - 1)))
		return "a power of two from 4K to 1G";
	c->ring = (uint32_t)n;
	return NULL;
}

static const char *set_spool(struct config *c, const char *value)
{
	return parse_bounded(value, SPOOL_MIN, UINT64_MAX / 4, &c->spool)
		       ? NULL
		       : "a size of at least 64K";
}

static const char *set_bool(bool *ret, const char *value)
{
	*ret = strcmp(value, "yes") == 0;
	return *ret || strcmp(value, "no") == 0 ? NULL : "yes or no";
}

static const char *set_tell_user(struct config *c, const char *value)
{
	return set_bool(&c->tell_user, value);
}

static const char *set_hash_limit(struct config *c, const char *value)
{
	return parse_bounded(value, 4096, UINT64_MAX, &c->hash_limit) ? NULL
								      : "a size of at least 4K";
}

static const char *set_flag(struct config *c, uint32_t flag, const char *value)
{
	bool on;
	const char *right = set_bool(&on, value);

	c->flags = on ? c->flags | flag : c->flags & ~flag;
	return right;
}

static const char *set_strict(struct config *c, const char *value)
{
	return set_flag(c, DIGLIM_CONTROL_STRICT_FS, value);
}

static const char *set_immutable(struct config *c, const char *value)
{
	return set_flag(c, DIGLIM_CONTROL_IMMUTABLE, value);
}

static const char *set_allow_bpf(struct config *c, const char *value)
{
	return set_flag(c, DIGLIM_CONTROL_ALLOW_BPF, value);
}

static const char *set_allow_ptrace(struct config *c, const char *value)
{
	return set_flag(c, DIGLIM_CONTROL_ALLOW_PTRACE, value);
}

static const char *set_allow_mapper(struct config *c, const char *value)
{
	return set_flag(c, DIGLIM_CONTROL_ALLOW_MAPPER, value);
}

/* Allowed unless said otherwise: the words are of the owner's wish, the flag is of the refusal. */
static const char *set_denial(struct config *c, uint32_t flag, const char *value)
{
	bool deny = strcmp(value, "deny") == 0;

	set_flag(c, flag, deny ? "yes" : "no");
	return deny || strcmp(value, "allow") == 0 ? NULL : "allow or deny";
}

static const char *set_command(struct config *c, const char *value)
{
	return set_denial(c, DIGLIM_CONTROL_DENY_COMMAND, value);
}

static const char *set_stdin(struct config *c, const char *value)
{
	return set_denial(c, DIGLIM_CONTROL_DENY_STDIN, value);
}

/* The number of @value among @words, or -1. */
static int one_of(const char *const *words, int n, const char *value)
{
	for (int i = 0; i < n; i++)
		if (strcmp(words[i], value) == 0)
			return i;
	return -1;
}

static const char *set_scope(struct config *c, const char *value)
{
	static const char *const words[DIGLIM_SCOPE_MAX] = {"all", "root", "system"};
	int i = one_of(words, DIGLIM_SCOPE_MAX, value);

	c->scope = i < 0 ? DIGLIM_SCOPE_ALL : (uint32_t)i;
	return i < 0 ? "all, root or system" : NULL;
}

static const char *set_anonymous(struct config *c, const char *value)
{
	static const char *const words[DIGLIM_ANONYMOUS_MAX] = {"allow", "deny", "per-program"};
	int i = one_of(words, DIGLIM_ANONYMOUS_MAX, value);

	c->anonymous = i < 0 ? DIGLIM_ANONYMOUS_ALLOW : (uint32_t)i;
	return i < 0 ? "allow, deny or per-program" : NULL;
}

static const char *set_interpreters(struct config *c, const char *value)
{
	static const char *const words[DIGLIM_INTERPRETERS_MAX] = {"off", "on", "strict"};
	int i = one_of(words, DIGLIM_INTERPRETERS_MAX, value);

	c->interpreters = i < 0 ? DIGLIM_INTERPRETERS_OFF : (uint32_t)i;
	return i < 0 ? "off, on or strict" : NULL;
}

static const char *set_unvouched(struct config *c, const char *value)
{
	static const char *const words[CONFIG_UNVOUCHED_MAX] = {"warn", "refuse"};
	int i = one_of(words, CONFIG_UNVOUCHED_MAX, value);

	c->unvouched = i < 0 ? CONFIG_WARN : (enum config_unvouched)i;
	return i < 0 ? "warn or refuse" : NULL;
}

static const char *set_text(char dst[CONFIG_TEXT_MAX], const char *value)
{
	size_t len = strlen(value);

	if (!len || len >= CONFIG_TEXT_MAX)
		return "a value that is not empty";
	memcpy(dst, value, len + 1);
	return NULL;
}

static const char *set_interpreter_names(struct config *c, const char *value)
{
	return set_text(c->interpreter_names, value);
}

static const char *set_sign_key(struct config *c, const char *value)
{
	return set_text(c->sign_key, value);
}

static const char *set_sign_cert(struct config *c, const char *value)
{
	return set_text(c->sign_cert, value);
}

static const char *set_sign_provider(struct config *c, const char *value)
{
	return set_text(c->sign_provider, value);
}

static const char *set_untraced(struct config *c, const char *value)
{
	static const char *const words[] = {"warn", "refuse", "sign"};
	int i = one_of(words, 3, value);

	c->untraced = i < 0 ? CONFIG_UNTRACED_WARN : (enum config_untraced)i;
	return i < 0 ? "warn, refuse or sign" : NULL;
}

static const char *set_start(struct config *c, const char *value)
{
	static const char *const words[CONFIG_START_MAX] = {"no", "late", "early"};
	int i = one_of(words, CONFIG_START_MAX, value);

	c->start = i < 0 ? CONFIG_START_NO : (enum config_start)i;
	return i < 0 ? "no, late or early" : NULL;
}

static const char *set_on_failure(struct config *c, const char *value)
{
	c->stop_on_failure = strcmp(value, "stop") == 0;
	return c->stop_on_failure || strcmp(value, "continue") == 0 ? NULL : "continue or stop";
}

static const char *set_seal(struct config *c, const char *value)
{
	return set_bool(&c->seal, value);
}

static const char *set_register(struct config *c, const char *value)
{
	char *end;
	unsigned long n = strtoul(value, &end, 10);

	c->seal_register = CONFIG_NO_REGISTER;
	if (strcmp(value, "no") == 0)
		return NULL;
	if (*value < '0' || *value > '9' || *end || n > CONFIG_REGISTER_MAX)
		return "no or a number from 0 to 15: others can be reset while the machine runs";
	c->seal_register = (int)n;
	return NULL;
}

static const char *set_gate(struct config *c, const char *value)
{
	bool on = strcmp(value, "on") == 0;

	set_flag(c, DIGLIM_CONTROL_GATE, on ? "yes" : "no");
	return on || strcmp(value, "off") == 0 ? NULL : "on or off";
}

static const struct config_key keys[] = {
	{"mode", "default", set_mode},
	{"store", "headroom", set_headroom},
	{"store", "max-lists", set_max_lists},
	{"ingest", "buffer", set_buffer},
	{"events", "ring", set_ring},
	{"events", "spool", set_spool},
	{"events", "tell-user", set_tell_user},
	{"hash", "limit", set_hash_limit},
	{"filesystems", "strict", set_strict},
	{"policy", "scope", set_scope},
	{"policy", "anonymous-exec", set_anonymous},
	{"policy", "interpreters", set_interpreters},
	{"policy", "interpreter-names", set_interpreter_names},
	{"policy", "interpreter-command", set_command},
	{"policy", "interpreter-stdin", set_stdin},
	{"policy", "immutable", set_immutable},
	{"guard", "allow-bpf", set_allow_bpf},
	{"guard", "allow-ptrace", set_allow_ptrace},
	{"guard", "allow-device-mapper", set_allow_mapper},
	{"packages", "unvouched", set_unvouched},
	{"sign", "key", set_sign_key},
	{"sign", "cert", set_sign_cert},
	{"sign", "provider", set_sign_provider},
	{"apt", "untraced", set_untraced},
	{"boot", "start", set_start},
	{"boot", "on-failure", set_on_failure},
	{"boot", "seal", set_seal},
	{"attest", "register", set_register},
	{"attest", "gate", set_gate},
};

#define KEYS (sizeof(keys) / sizeof(*keys))
_Static_assert(KEYS <= KEYS_MAX, "a bit of reading.seen for every key");

void config_defaults(struct config *c)
{
	*c = (struct config){
		.mode = DIGLIM_MODE_AUDIT,
		.headroom = 50,
		.ingest_buffer = DIGLIM_INGEST_DEFAULT,
		.ring = 1U << 20,
		.spool = CONFIG_SPOOL_DEFAULT,
		.hash_limit = CONFIG_HASH_LIMIT_DEFAULT,
		.seal_register = CONFIG_NO_REGISTER,
	};
}

__attribute__((format(printf, 2, 3))) static int complain(struct reading *r, const char *fmt, ...)
{
	va_list ap;

	if (!r->bad_line) {
		r->bad_line = r->line;
		va_start(ap, fmt);
		vsnprintf(r->what, sizeof(r->what), fmt, ap);
		va_end(ap);
	}
	return 0;
}

/* Counts lines for inih, which does not tell, and sees those that it would cut in two. */
static char *read_line(char *str, int num, void *stream)
{
	struct reading *r = stream;
	size_t len;
	int c;

	if (!fgets(str, num, r->f))
		return NULL;
	r->line++;
	len = strlen(str);
	if ((!len || str[len - 1] != '\n') && !feof(r->f)) {
		complain(r, "line longer than %d characters", num - 2);
		while ((c = fgetc(r->f)) != EOF && c != '\n')
			;
	}
	return str;
}

static int take_key(void *user, const char *section, const char *name, const char *value)
{
	struct reading *r = user;
	bool known_section = false;
	const char *expected;

	for (size_t i = 0; i < KEYS; i++) {
		if (strcmp(section, keys[i].section) != 0)
			continue;
		known_section = true;
		if (strcmp(name, keys[i].name) != 0)
			continue;
		if (r->seen & 1U << i)
			return complain(r, "%s is given twice in [%s]", name, section);
		r->seen |= 1U << i;
		expected = keys[i].set(r->config, value);
		if (expected)
			return complain(r, "%s = %s: must be %s", name, value, expected);
		return 1;
	}
	if (!*section)
		return complain(r, "%s stands before the first [section]", name);
	if (!known_section)
		return complain(r, "unknown section [%s]", section);
	return complain(r, "unknown key %s in [%s]", name, section);
}

/*
 * The first line with a NUL byte, or 0. inih would take it for an empty one, and a file that a
 * crash left full of them for one that asks for nothing.
 */
static unsigned find_nul(FILE *f)
{
	unsigned line = 1, found = 0;
	int c;

	while (!found && (c = fgetc(f)) != EOF) {
		if (!c)
			found = line;
		line += c == '\n';
	}
	rewind(f);
	return found;
}

int config_read(const char *path, struct config *c, struct err *e)
{
	struct reading r = {.config = c};
	unsigned nul;
	int bad;

	config_defaults(c);
	r.f = fopen(path, "re");
	if (!r.f)
		return errno == ENOENT ? 0 : err_set(e, -errno, "%s: %s", path, strerror(errno));
	nul = find_nul(r.f);
	bad = nul ? 0 : ini_parse_stream(read_line, &r, take_key, &r);
	if (ferror(r.f)) {
		fclose(r.f);
		return err_set(e, -EIO, "%s: cannot be read", path);
	}
	fclose(r.f);
	if (nul)
		return err_set(e, -EINVAL, "%s:%u: a NUL byte", path, nul);
	if (bad > 0 && (!r.bad_line || (unsigned)bad < r.bad_line))
		return err_set(e, -EINVAL, "%s:%d: neither [section] nor key = value", path, bad);
	if (r.bad_line)
		return err_set(e, -EINVAL, "%s:%u: %s", path, r.bad_line, r.what);
	return bad < 0 ? err_set(e, -ENOMEM, "%s: no memory", path) : 0;
}
