/** Returns an unsigned token for tests; `exp` in seconds since 1970. */
export function tokenOf(
  {
    role,
    userId,
    driverId,
    restaurantId,
  }: { role: string; userId: string; driverId?: string; restaurantId?: string },
  exp: number,
): string {
  const claims = {
    exp,
    'https://hasura.io/jwt/claims': {
      'x-hasura-default-role': role,
      'x-hasura-user-id': userId,
      'x-hasura-driver-id': driverId,
      'x-hasura-restaurant-id': restaurantId,
    },
  }
  const bytes = new TextEncoder().encode(JSON.stringify(claims))
  return `x.${btoa(String.fromCharCode(...bytes))}.x`
}
