/**
 * On-demand prices of a region as a multiple of those in us-east-1, in ten-thousandths.
 *
 * One figure stands for all types: the middle (the lower of two) of up to four sample types per region, m6g, a1, c3 and x2iedn. Types
 * differ: in ap-south-1, m6g costs 0.66 of us-east-1 and x2iedn 1.03. The two GovCloud figures are medians over 770 and 549
 * types. Sources: the package's README.
 */
export const REGION_RATIOS: Readonly<Record<string, number>> = {
  'af-south-1': 13195,
  'ap-east-1': 13766,
  'ap-northeast-1': 12588,
  'ap-northeast-2': 12208,
  'ap-northeast-3': 12883,
  'ap-south-1': 10000,
  'ap-south-2': 10318,
  'ap-southeast-1': 12468,
  'ap-southeast-2': 12595,
  'ap-southeast-3': 12468,
  'ap-southeast-4': 12468,
  'ap-southeast-5': 13051,
  'ca-central-1': 11000,
  'eu-central-1': 11948,
  'eu-north-1': 10649,
  'eu-south-1': 11636,
  'eu-south-2': 11169,
  'eu-west-1': 11294,
  'eu-west-2': 11532,
  'eu-west-3': 11688,
  'me-central-1': 12286,
  'me-south-1': 12208,
  'sa-east-1': 19501,
  'us-east-1': 10000,
  'us-east-2': 10000,
  'us-gov-east-1': 12037,
  'us-gov-west-1': 12036,
  'us-west-1': 11636,
  'us-west-2': 10000,
};
