locals {
  polls = module.table.arn
  index = module.table.index_arns["gsi1"]

  # The items that a vote is made of, and those of guest tokens:
  # https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/specifying-conditions.html
  reads_polls = {
    actions    = ["dynamodb:BatchGetItem", "dynamodb:GetItem"]
    resources  = [local.polls]
    conditions = { "ForAllValues:StringLike" = { "dynamodb:LeadingKeys" = "POLL#*" } }
  }
  writes_votes = {
    actions    = ["dynamodb:PutItem", "dynamodb:UpdateItem"]
    resources  = [local.polls]
    conditions = { "ForAllValues:StringLike" = { "dynamodb:LeadingKeys" = "POLL#*#TALLY#*" } }
  }
  reads_guest_keys = {
    actions    = ["dynamodb:GetItem"]
    resources  = [local.polls]
    conditions = { "ForAllValues:StringLike" = { "dynamodb:LeadingKeys" = "GUEST_KEY#*" } }
  }

  # What each function answers, who may call it, and all that it may do.
  functions = {
    show_polls = {
      description = "Shows polls and how they stand"
      routes = {
        "GET /polls"                 = "public"
        "GET /polls/{id}"            = "public"
        "GET /polls/{id}/votes/mine" = "member"
      }
      throttle = { rate = 200, burst = 400 }
      permissions = [
        local.reads_polls,
        local.reads_guest_keys,
        { actions = ["dynamodb:Query"], resources = [local.index] },
      ]
    }
    guest_votes = {
      description = "Takes votes of guests"
      routes = {
        "POST /polls/guest-token" = "public"
        "POST /polls/{id}/votes"  = "public"
      }
      throttle = { rate = 500, burst = 1000 }
      permissions = [
        local.reads_polls,
        local.writes_votes,
        local.reads_guest_keys,
        {
          actions    = ["dynamodb:PutItem"]
          resources  = [local.polls]
          conditions = { "ForAllValues:StringLike" = { "dynamodb:LeadingKeys" = "GUEST_KEY#*" } }
        },
        {
          actions    = ["dynamodb:GetItem", "dynamodb:PutItem"]
          resources  = [local.polls]
          conditions = { "ForAllValues:StringLike" = { "dynamodb:LeadingKeys" = "SALT#*" } }
        },
        {
          actions    = ["dynamodb:UpdateItem"]
          resources  = [local.polls]
          conditions = { "ForAllValues:StringLike" = { "dynamodb:LeadingKeys" = "RATE#*" } }
        },
      ]
    }
    member_votes = {
      description = "Takes votes of members"
      routes      = { "POST /polls/{id}/votes/mine" = "member" }
      throttle    = { rate = 500, burst = 1000 }
      permissions = [local.reads_polls, local.writes_votes]
    }
    manage_polls = {
      description = "Manages polls for admins and operators"
      routes = {
        "GET /admin/polls"                 = "admin"
        "POST /admin/polls"                = "admin"
        "GET /admin/polls/{id}"            = "admin"
        "PUT /admin/polls/{id}"            = "admin"
        "PUT /admin/polls/{id}/wording"    = "admin"
        "POST /admin/polls/{id}/close"     = "admin"
        "DELETE /admin/polls/{id}"         = "admin"
        "GET /operator/polls"              = "operator"
        "POST /operator/polls"             = "operator"
        "GET /operator/polls/{id}"         = "operator"
        "PUT /operator/polls/{id}"         = "operator"
        "PUT /operator/polls/{id}/wording" = "operator"
        "POST /operator/polls/{id}/close"  = "operator"
        "DELETE /operator/polls/{id}"      = "operator"
      }
      permissions = [
        {
          actions   = ["dynamodb:BatchGetItem", "dynamodb:GetItem", "dynamodb:PutItem", "dynamodb:UpdateItem", "dynamodb:DeleteItem"]
          resources = [local.polls]
        },
        { actions = ["dynamodb:Query"], resources = [local.index] },
      ]
    }
    tidy_polls = {
      description = "Counts polls that are over and forgets who voted"
      timeout     = 300
      schedule    = "rate(15 minutes)"
      permissions = [
        {
          actions   = ["dynamodb:BatchGetItem", "dynamodb:BatchWriteItem", "dynamodb:GetItem", "dynamodb:PutItem", "dynamodb:UpdateItem", "dynamodb:DeleteItem", "dynamodb:Query"]
          resources = [local.polls]
        },
      ]
    }
    polls_privacy = {
      description = "Hands out and erases votes of one member"
      timeout     = 60
      background  = true
      permissions = [
        local.reads_polls,
        {
          actions    = ["dynamodb:UpdateItem", "dynamodb:DeleteItem"]
          resources  = [local.polls]
          conditions = { "ForAllValues:StringLike" = { "dynamodb:LeadingKeys" = "POLL#*#TALLY#*" } }
        },
        {
          actions    = ["dynamodb:Query"]
          resources  = [local.polls]
          conditions = { "ForAllValues:StringEquals" = { "dynamodb:LeadingKeys" = "JOB" } }
        },
      ]
    }
  }

  on = { for name, function in local.functions : name => function if name != "guest_votes" || var.settings.guests }
}

module "functions" {
  source = "../lambda-functions"

  module             = "polls"
  creator            = var.creator
  api                = var.api
  code               = var.code
  functions          = local.on
  failures_arn       = var.failures_arn
  log_retention_days = var.log_retention_days
  tags               = var.tags

  environment = {
    POLLS_TABLE = module.table.name
    GUESTS      = tostring(var.settings.guests)
  }
}
