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

/* --- the timer tree: a tournament over n slots, n even. Leaves are nodes n..2n-1, win[i] is the earliest slot below
   node i. Every climb is as long as the longest, `levels`, so that no branch depends on the slot: a shorter one goes
   beyond the root, where win[0] holds some slot, which is never earlier than the root's. ---------------------------- */
static inline ps_key ps_make(double time, int64_t seq) {
    uint64_t bits;
    memcpy(&bits, &time, 8);
    return ((ps_key)bits << 64) | (uint64_t)seq;
}

static inline int64_t ps_rank(ps_key key) { return (int64_t)key; }

static inline double ps_time(ps_key key) {
    uint64_t bits = (uint64_t)(key >> 64);
    double time;
    memcpy(&time, &bits, 8);
    return time;
}

static inline int32_t ps_levels(int32_t n) {
    int32_t levels = 0;
    for (int32_t node = 2 * n - 1; node > 1; node >>= 1) levels++;
    return levels;
}

static inline void ps_set(ps_key *keys, int32_t *win, int32_t n, int32_t levels, int32_t slot, ps_key key) {
    uint32_t node = (uint32_t)(n + slot) >> 1, best = (uint32_t)slot, other = best ^ 1;
    keys[slot] = key;
    for (;;) { /* a sibling's address does not depend on the data: the loads overlap */
        ps_key theirs = keys[other];
        int less = theirs < key; /* no branch on it: it could not be predicted */
        best = less ? other : best;
        key = less ? theirs : key;
        win[node] = (int32_t)best;
        if (--levels == 0) return;
        other = (uint32_t)win[node ^ 1];
        node >>= 1;
    }
}

/* Of the slots near `slot` (a 32nd of all) the one that is due first: it will fire soon. What its climb reads comes into
   the cache meanwhile; for trees that are larger than that. */
#if defined(__GNUC__)
static inline void ps_fetch(const void *at) { __builtin_prefetch(at, 1); }
#else
static inline void ps_fetch(const void *at) { (void)at; }
#endif

static inline int32_t ps_soon(const ps_key *keys, const int32_t *win, int32_t n, int32_t levels, int32_t slot) {
    int32_t soon = win[(n + slot) >> (levels - 5)];
    ps_fetch(&keys[soon]);
    for (int32_t node = (n + soon) >> 1, k = 0; k < 6; k++, node >>= 1) ps_fetch(&win[node ^ 1]);
    return soon;
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
    static bitgen_t bits = {0, ps_next_call, ps_next_32, ps_share_call, ps_next_call}; /* one thread at a time: the GIL */
    double x;
    if (s->law == PS_CONSTANT) return s->a;
    bits.state = s;
    x = s->law == PS_EXPONENTIAL ? s->a * random_standard_exponential(&bits) : ps_draw_other(s, &bits);
    return x > 0.0 ? x : 0.0;
}

/* --- trace records ------------------------------------------------------------------------------------------------ */
typedef struct { double time; int64_t number; int32_t aux; uint16_t unit; uint8_t kind, state; int64_t value; } ps_record;
typedef struct { double time; int32_t what, number; } ps_note;

#endif
