// Promise 3: three attempts, then a person.

/** How often a saga's steps, and a group's effect of an event, are tried before they are given up. */
export const MOST_ATTEMPTS = 3;
