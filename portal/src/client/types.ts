/** The portal's words for what the API answers; the only file that knows the generated names. */
import type * as schema from "./schema";

export type Hub = schema.HubRead;
export type Session = schema.SessionRead;
export type Api = schema.ApiRead;
export type Version = schema.VersionRead;
export type Operation = schema.OperationRead;
export type Plan = schema.PlanRead;
export type Deployment = schema.DeploymentRead;
export type App = schema.AppRead;
export type Credential = schema.CredentialRead;
export type Subscription = schema.SubscriptionRead;
export type SearchHit = schema.SearchHit;
export type Call = schema.CallRead;
export type SeriesPoint = schema.SeriesPoint;
export type BreakdownItem = schema.BreakdownItem;
export type AccessToken = schema.TokenRead;
