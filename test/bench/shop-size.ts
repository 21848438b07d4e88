// How large the shop is that is measured.

export const GOODS = 10_000;
export const USERS = 10_000;
