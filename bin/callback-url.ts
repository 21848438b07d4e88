// The sandbox posts its callbacks there, whoever starts it.
/** Where a shop hears the sandbox platform's callbacks. @param shopUrl without a slash at its end */
export const callbackUrlOf = (shopUrl: string): string => `${shopUrl}/pay/callbackPayment/sandbox`;
