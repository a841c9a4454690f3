import { defineProblems } from '#libs/http';

export const OrderProblems = defineProblems('order', {
  notOpen: {
    status: 409,
    title: 'The order is not open any more',
    remedy: 'A cancelled order stays as it is; place a new one, or delete it.',
  },
  referenceTaken: {
    status: 409,
    title: 'Another order of yours has this reference',
    remedy: 'Choose another reference, or find the order with GET /api/v1/orders?reference=.',
  },
});
