import { nothing } from "../field.ts";
import { PLATFORM, type Verb } from "../verb.ts";

export interface TenantItem {
  readonly id: string;
  readonly name: string;
}

export const listTenants: Verb<Record<string, never>, readonly TenantItem[]> = {
  name: "tenant.list",
  permission: { role: "viewer", at: "platform" },
  input: nothing,
  async run(cx) {
    return cx.log.view
      .tenants()
      .filter((tenant) => tenant !== PLATFORM)
      .flatMap((tenant) => cx.log.view.list(tenant, "tenant").map(({ id, body }) => ({ id, name: body.name })));
  },
};
