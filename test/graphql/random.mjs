// Random numbers that a seed repeats: mulberry32.
export class Random {
    constructor(seed) {
        this.state = seed >>> 0;
    }
    // From 0 to below the limit.
    below(limit) {
        this.state = this.state + 0x6D2B79F5 >>> 0;
        let mixed = this.state;
        mixed = Math.imul(mixed ^ mixed >>> 15, mixed | 1);
        mixed ^= mixed + Math.imul(mixed ^ mixed >>> 7, mixed | 61);
        return Math.floor(((mixed ^ mixed >>> 14) >>> 0) / 4294967296 * limit);
    }
    of(items) {
        return items[this.below(items.length)];
    }
}
