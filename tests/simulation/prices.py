"""Prices of what the system runs on, in US dollars, as published for us-east-1 in November 2026.

Amounts that an account has free of charge every month are in `FREE`. Prices change: look them up
before you rely on a bill that is computed from these.
"""

DATE = "2026-11-01"
HOURS = 730
"""In a month."""
GB = 1e9

# AWS Lambda, arm64: https://aws.amazon.com/lambda/pricing/
LAMBDA_GB_SECOND = 0.0000133334
LAMBDA_REQUEST = 0.20 / 1e6

# Amazon RDS for PostgreSQL, one zone, on demand: https://aws.amazon.com/rds/postgresql/pricing/
RDS_HOUR = {
    "db.t4g.small": 0.032,
    "db.t4g.medium": 0.065,
    "db.r8g.4xlarge": 1.912,
}
RDS_GP3_GB = 0.115
RDS_GP3_IOPS = 0.02
"""A month, each above the 3,000 that are included."""

# https://aws.amazon.com/cloudfront/pricing/, https://aws.amazon.com/waf/pricing/
CLOUDFRONT_REQUEST = 0.01 / 10_000
CLOUDFRONT_GB = 0.085
WAF_ACL, WAF_RULE, WAF_REQUEST = 5.0, 1.0, 0.60 / 1e6

# https://aws.amazon.com/cloudwatch/pricing/
LOGS_GB = 0.50
ALARM, DASHBOARD = 0.10, 3.0

# https://aws.amazon.com/vpc/pricing/, https://aws.amazon.com/rds/proxy/pricing/ (two vCPUs)
NAT_GATEWAY = 0.052 * HOURS
RDS_PROXY = 0.015 * 2 * HOURS

# https://aws.amazon.com/secrets-manager/pricing/
SECRET = 0.40

# https://ai.google.dev/gemini-api/docs/pricing, gemini-2.5-flash
MODEL_INPUT_TOKEN = 0.30 / 1e6
MODEL_OUTPUT_TOKEN = 2.50 / 1e6

FREE = {
    "lambda_requests": 1e6,
    "lambda_gb_seconds": 400_000,
    "cloudfront_requests": 10e6,
    "cloudfront_bytes": 1e12,
    "logs_bytes": 5e9,
    "alarms": 10,
    "dashboards": 3,
}
