// How far an order is. While a compensation runs the books may say either; that it runs is a finding of its own.
import { Compensation, OrderStatus } from '../../../../actors/domain/order-state';
import type { OrderRow } from '../rows';

export const isCompensating = (order: OrderRow): boolean =>
  order.compensation_status === Compensation.running || order.compensation_status === Compensation.failed;

export const isConfirmed = (order: OrderRow): boolean => order.order_status === OrderStatus.confirmed;

/** Cancelled, invalid or refunded, and everything is given back. */
export const isEnded = (order: OrderRow): boolean =>
  !isConfirmed(order) && order.order_status !== OrderStatus.unconfirmed && !isCompensating(order);
