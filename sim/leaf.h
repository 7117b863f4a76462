/* The raw-pointer part of the leaf: event keys, the timer tree, PCG64 streams and trace records.

   Everything is `static inline`: the leaf and every compiled component include it, so a timer is set and a number drawn
   without a call. No state of its own; all memory is given by the caller. */

#ifndef PLANTSYNC_LEAF_H
#define PLANTSYNC_LEAF_H

#include <math.h>
#include <stdint.h>
#include <string.h>
#include "numpy/random/distributions.h"

typedef unsigned __int128 ps_key; /* time bits (a double >= 0 orders like its bits) above, sequence number below */

/* --- the timer tree: a tournament over slots. Leaves are slots n..2n-1, win[i] is the earliest slot below node i. --- */
static inline ps_key ps_make(double time, int64_t seq) {
    uint64_t bits;
    memcpy(&bits, &time, 8);
    return ((ps_key)bits << 64) | (uint64_t)seq;
}

static inline int ps_same(ps_key a, ps_key b) { return a == b; }

static inline double ps_time(ps_key key) {
    uint64_t bits = (uint64_t)(key >> 64);
    double time;
    memcpy(&time, &bits, 8);
    return time;
}

static inline void ps_set(ps_key *keys, int32_t *win, int32_t n, int32_t slot, ps_key key) {
    int32_t best = slot, node = n + slot;
    keys[slot] = key;
    while (node > 1) { /* the sibling's address does not depend on the data: the loads overlap */
        int32_t sibling = node ^ 1, other = sibling >= n ? sibling - n : win[sibling];
        int32_t less = -(int32_t)(keys[other] < keys[best]); /* no branch: it could not be predicted */
        best ^= (best ^ other) & less;
        node >>= 1;
        if (win[node] == best && best != slot) return; /* nothing changes further up */
        win[node] = best;
    }
}

static inline void ps_clear(ps_key *keys, int32_t *win, int32_t n) {
    for (int32_t i = 0; i < n; i++) keys[i] = ps_make(INFINITY, i);
    for (int32_t i = n - 1; i > 0; i--) {
        int32_t a = 2 * i >= n ? 2 * i - n : win[2 * i], b = 2 * i + 1 >= n ? 2 * i + 1 - n : win[2 * i + 1];
        win[i] = keys[b] < keys[a] ? b : a;
    }
}

/* --- random streams: a PCG64 record (O'Neill 2014, XSL-RR 128/64) feeding numpy's own distributions --------------- */
enum { PS_CONSTANT, PS_EXPONENTIAL, PS_NORMAL, PS_LOGNORMAL, PS_GAMMA, PS_WEIBULL, PS_UNIFORM, PS_TRIANGULAR, PS_EMPIRICAL };

typedef struct {
    unsigned __int128 state, inc;
    double a, b;
    union { double c; const double *values; };
    int32_t law, n;
} ps_stream;

static inline uint64_t ps_next(void *stream) {
    ps_stream *s = (ps_stream *)stream;
    const unsigned __int128 multiplier = ((unsigned __int128)2549297995355413924ULL << 64) | 4865540595714422341ULL;
    s->state = s->state * multiplier + s->inc;
    uint64_t x = (uint64_t)(s->state >> 64) ^ (uint64_t)s->state;
    unsigned rotation = (unsigned)(s->state >> 122);
    return (x >> rotation) | (x << ((64 - rotation) & 63));
}

static inline double ps_share(void *stream) { return (double)(ps_next(stream) >> 11) * (1.0 / 9007199254740992.0); }
static uint64_t ps_next_call(void *stream) { return ps_next(stream); }
static uint32_t ps_next_32(void *stream) { return (uint32_t)(ps_next(stream) >> 32); }
static double ps_share_call(void *stream) { return ps_share(stream); }

static double ps_draw_other(ps_stream *s, bitgen_t *bits) {
    switch (s->law) {
    case PS_NORMAL: return random_normal(bits, s->a, s->b);
    case PS_LOGNORMAL: return random_lognormal(bits, s->a, s->b);
    case PS_GAMMA: return random_gamma(bits, s->a, s->b);
    case PS_WEIBULL: return s->b * random_weibull(bits, s->a);
    case PS_UNIFORM: return random_uniform(bits, s->a, s->b);
    case PS_TRIANGULAR: return random_triangular(bits, s->a, s->b, s->c);
    case PS_EMPIRICAL: return s->values[(int64_t)(ps_share(s) * s->n)];
    }
    return s->a;
}

/* The next draw; negative draws become 0, never redrawn (that would shift the stream). */
static inline double ps_draw(ps_stream *s) {
    bitgen_t bits = {s, ps_next_call, ps_next_32, ps_share_call, ps_next_call};
    double x;
    if (s->law == PS_CONSTANT) return s->a;
    x = s->law == PS_EXPONENTIAL ? s->a * random_standard_exponential(&bits) : ps_draw_other(s, &bits);
    return x > 0.0 ? x : 0.0;
}

/* --- trace records ------------------------------------------------------------------------------------------------ */
typedef struct { double time; int64_t number; int32_t aux; uint16_t unit; uint8_t kind, state; int64_t value; } ps_record;

#endif
