locals {
  figures = module.figures.arn
  visits  = module.visits.arn

  # What each function answers, who may call it, and all that it may do. The public functions see salts, marks and
  # counters of pages, and neither a day's figures nor a single event:
  # https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/specifying-conditions.html
  every = {
    collect_view = {
      description = "Counts a page view"
      routes      = { "POST /analytics/collect" = "public" }
      throttle    = { rate = 20, burst = 200 }
      timeout     = 5
      permissions = [
        { actions = ["firehose:PutRecord"], resources = [aws_kinesis_firehose_delivery_stream.events.arn] },
        { actions = ["dynamodb:PutItem", "dynamodb:UpdateItem"], resources = [local.visits] },
        {
          actions    = ["dynamodb:GetItem"]
          resources  = [local.visits]
          conditions = { "ForAllValues:StringLike" = { "dynamodb:LeadingKeys" = "SALT#*" } }
        },
        {
          actions    = ["dynamodb:UpdateItem"]
          resources  = [local.figures]
          conditions = { "ForAllValues:StringLike" = { "dynamodb:LeadingKeys" = "PAGE*" } }
        },
      ]
    }
    get_counters = {
      description = "Tells how often a page was seen"
      routes      = { "GET /analytics/counters" = "public" }
      throttle    = { rate = 50, burst = 200 }
      timeout     = 5
      permissions = [{
        actions    = ["dynamodb:GetItem"]
        resources  = [local.figures]
        conditions = { "ForAllValues:StringLike" = { "dynamodb:LeadingKeys" = "PAGE#*" } }
      }]
    }
    read_analytics = {
      description = "Shows the figures to admins and operators"
      routes = {
        "GET /analytics/days"                = "admin"
        "GET /analytics/days/{day}"          = "admin"
        "GET /analytics/export"              = "admin"
        "GET /analytics/streams"             = "admin"
        "GET /operator/analytics/days"       = "operator"
        "GET /operator/analytics/days/{day}" = "operator"
        "GET /operator/analytics/export"     = "operator"
        "GET /operator/analytics/streams"    = "operator"
      }
      timeout     = 25
      permissions = [{ actions = ["dynamodb:GetItem", "dynamodb:Query"], resources = [local.figures] }]
    }
    roll_up_days = {
      description = "Adds up the last two days"
      schedule    = "cron(30 2 * * ? *)"
      timeout     = 900 # a day of two million events, which is what the throttle lets in, takes minutes
      memory      = 1024
      permissions = concat(
        [
          {
            actions    = ["s3:ListBucket"]
            resources  = [module.events.bucket_arn]
            conditions = { StringLike = { "s3:prefix" = "events/*" } }
          },
          { actions = ["s3:GetObject"], resources = ["${module.events.bucket_arn}/events/*"] },
          { actions = ["dynamodb:PutItem"], resources = [local.figures] },
          {
            actions    = ["dynamodb:DeleteItem"]
            resources  = [local.visits]
            conditions = { "ForAllValues:StringLike" = { "dynamodb:LeadingKeys" = "SALT#*" } }
          },
        ],
        var.has_channel ? [{ actions = ["cloudwatch:GetMetricData"], resources = ["*"] }] : [],
      )
    }
  }

  functions = { for name, function in local.every : name => function if name != "get_counters" || var.settings.public_counters }
}

module "functions" {
  source = "../lambda-functions"

  module             = "analytics"
  creator            = var.creator
  api                = var.api
  code               = var.code
  functions          = local.functions
  failures_arn       = var.failures_arn
  log_retention_days = var.log_retention_days
  tags               = var.tags

  environment = {
    ANALYTICS_TABLE = module.figures.name
    VISITS_TABLE    = module.visits.name
    EVENTS_STREAM   = aws_kinesis_firehose_delivery_stream.events.name
    EVENTS_BUCKET   = module.events.bucket_id
    RETENTION_DAYS  = tostring(var.settings.retention_days)
    PUBLIC_COUNTERS = tostring(var.settings.public_counters)
    CHANNEL_ARN     = var.has_channel ? var.channel_arn : ""
  }
}
