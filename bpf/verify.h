/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Is the payload signed by somebody whose key is in the keyring that this kind of payload needs?
 *
 * What import checked does not count: form of the PKCS#7, hash algorithm, OpenPGP signature type
 * and version are checked here again, before the kernel's own verification.
 */
#ifndef DIGLIM_BPF_VERIFY_H
#define DIGLIM_BPF_VERIFY_H

#include "deny.h"
#include "ingest.h"

/* A vendor vouches for RPM headers only; everything else is the owner's. */
static __always_inline __s32 keyring_for(const struct diglim_control *c, __u32 format)
{
	return format == DIGLIM_FORMAT_RPM ? c->vendor_keyring : c->owner_keyring;
}

static __always_inline int verify_error(int r)
{
	switch (r) {
	case 0:
		return 0;
	case -EKEYREJECTED:
		return -DIGLIM_E_SIG_INVALID;
	case -ENOKEY:
		return -DIGLIM_E_SIG_NO_KEY;
	case -ENOPKG:
		return -DIGLIM_E_SIG_NO_ALGO;
	case -EKEYEXPIRED:
	case -EKEYREVOKED:
		return -DIGLIM_E_KEY_REVOKED;
	case -EBADMSG:
	case -EINVAL:
		return -DIGLIM_E_SIG_FORMAT;
	}
	return -DIGLIM_E_INTERNAL;
}

/* The kernel's own check, against the keyring with this serial. */
static __noinline int verify_pkcs7(struct ingest *g, __s32 serial)
{
	struct bpf_dynptr data, sig;
	struct bpf_key *keyring;
	__u32 payload_len = g->payload.len, sig_len = g->sig.len;
	int r;

	asm volatile("" : "+r"(payload_len), "+r"(sig_len));
	if (payload_len > core_buffer_size - DIGLIM_SIG_MAX || sig_len > DIGLIM_SIG_MAX)
		return -DIGLIM_E_TOO_LARGE;
	if (bpf_dynptr_from_mem((void *)g->payload.data + DIGLIM_SIG_MAX, payload_len, 0, &data) ||
	    bpf_dynptr_from_mem((void *)g->sig.data, sig_len, 0, &sig))
		return -DIGLIM_E_INTERNAL;
	keyring = bpf_lookup_user_key(serial, 0);
	if (!keyring)
		return -DIGLIM_E_NO_KEYRING;
	r = bpf_verify_pkcs7_signature(&data, &sig, keyring);
	bpf_key_put(keyring);
	return verify_error(r);
}

/* The guard lets nobody else search the keyrings. Caller holds the lock: one at a time. */
static __always_inline int verify_admitted(struct ingest *g, __s32 serial)
{
	struct internal *in = internal_get();
	int r;

	if (!in)
		return -DIGLIM_E_INTERNAL;
	in->verifier = bpf_get_current_pid_tgid();
	r = verify_pkcs7(g, serial);
	in->verifier = 0;
	return r;
}

/* Keeps what the signature says of its signer: deny lists, limits and people go by it. */
static __always_inline void record_signer(struct ingest *g, const struct core_pkcs7 *p)
{
	struct diglim_list_record *rec = &g->slot->record;

	core_pkcs7_signer(&g->sig, p, &g->slot->signer);
	rec->sig_hash = p->hash;
	rec->key_id_len = g->slot->signer.len;
	__builtin_memcpy(rec->key_id, g->slot->signer.byte, sizeof(rec->key_id));
}

/* Form and algorithms of the PKCS#7. */
static __noinline int check_pkcs7(struct ingest *g)
{
	if (core_pkcs7_open(&g->sig, &g->slot->pkcs7, &g->slot->err))
		return -(int)g->slot->err.code;
	record_signer(g, &g->slot->pkcs7);
	return 0;
}

/*
 * The keyring that this kind of payload needs; if it does not have the key, the restricted one,
 * whose keys are worth what a limits list says (bpf/limits.h).
 */
static __always_inline int verify_rings(struct ingest *g, const struct diglim_control *c,
					__u32 format)
{
	__s32 serial = keyring_for(c, format);
	int r = serial > 0 ? verify_admitted(g, serial) : -DIGLIM_E_NO_KEYRING;

	g->slot->restricted = 0;
	if (r != -DIGLIM_E_SIG_NO_KEY || c->restricted_keyring <= 0)
		return r;
	r = verify_admitted(g, c->restricted_keyring);
	g->slot->restricted = !r;
	return r;
}

/* Everything up to "this payload is authentic", before anything of it is parsed. */
__noinline int verify_list(__u32 slot)
{
	struct diglim_control *c = control_get();
	struct ingest g;
	__u32 format;
	int r;

	if (!c || !ingest_at(&g, slot))
		return -DIGLIM_E_INTERNAL;
	format = core_list_format(&g.payload);
	if (format == DIGLIM_FORMAT_NONE)
		return g.payload.len ? -DIGLIM_E_FORMAT : -DIGLIM_E_EMPTY;
	r = check_pkcs7(&g);
	if (!r)
		r = verify_rings(&g, c, format);
	if (!r && signer_denied(&g.slot->record))
		r = -DIGLIM_E_DENIED;
	return r;
}

#endif
