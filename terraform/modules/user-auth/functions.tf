# Functions come in two steps. The pool needs those that it calls, so these cannot know of the pool; all others
# are told whose tokens to take.
locals {
  triggers = {
    custom_message = {
      description = "Words the user pool's e-mail"
      timeout     = 5 # Cognito waits no longer
    }
    post_confirmation = {
      description = "Puts a new person into the group of members"
      timeout     = 5
    }
  }

  pool = [aws_cognito_user_pool.this.arn]

  # By name and not by what those modules give out: they are told of the user pool, and would wait for it in a
  # circle.
  functions_arn     = "${replace(split(":userpool/", aws_cognito_user_pool.this.arn)[0], ":cognito-idp:", ":lambda:")}:function:"
  privacy_functions = [for module in var.privacy_modules : "${local.functions_arn}${var.creator.slug}-${module}-privacy"]
  ask_modules       = length(var.privacy_modules) > 0 ? [{ actions = ["lambda:InvokeFunction"], resources = local.privacy_functions }] : []

  # What each function answers, who may call it, and all that it may do.
  functions = {
    account = {
      description = "Shows and changes a member's own account"
      routes = {
        "GET /account" = "member"
        "PUT /account" = "member"
      }
      throttle = { rate = 10, burst = 20 }
      permissions = [
        {
          actions = [
            "cognito-idp:AdminGetUser",
            "cognito-idp:AdminListGroupsForUser",
            "cognito-idp:AdminUpdateUserAttributes",
          ]
          resources = local.pool
        },
      ]
    }
    export_account = {
      description = "Gives a member all that is kept of them"
      routes      = { "POST /account/export" = "member" }
      throttle    = { rate = 1, burst = 5 }
      timeout     = 29 # API Gateway waits for 30 seconds
      permissions = concat(local.ask_modules, [
        { actions = ["cognito-idp:AdminGetUser", "cognito-idp:AdminListGroupsForUser"], resources = local.pool },
      ])
    }
    delete_account = {
      description = "Deletes a member's own account"
      routes      = { "DELETE /account" = "member" }
      throttle    = { rate = 1, burst = 5 }
      timeout     = 29
      permissions = concat(local.ask_modules, [
        {
          actions = [
            "cognito-idp:AdminGetUser",
            "cognito-idp:AdminListGroupsForUser",
            "cognito-idp:AdminUserGlobalSignOut",
            "cognito-idp:AdminDeleteUser",
          ]
          resources = local.pool
        },
      ])
    }
    user_auth_privacy = {
      description = "Hands out and erases what the user pool keeps of a person"
      background  = true # operators call it
      timeout     = 60
      permissions = [
        {
          actions = [
            "cognito-idp:AdminGetUser",
            "cognito-idp:AdminListGroupsForUser",
            "cognito-idp:AdminUserGlobalSignOut",
            "cognito-idp:AdminDeleteUser",
          ]
          resources = local.pool
        },
      ]
    }
    members = {
      description = "Lists, invites and manages members for operators and admins"
      routes = {
        "GET /members"                     = "operator"
        "POST /members"                    = "operator"
        "GET /members/{id}"                = "operator"
        "PUT /members/{id}/groups"         = "operator"
        "PUT /members/{id}/disabled"       = "operator"
        "GET /admin/members"               = "admin"
        "POST /admin/members"              = "admin"
        "GET /admin/members/{id}"          = "admin"
        "PUT /admin/members/{id}/groups"   = "admin"
        "PUT /admin/members/{id}/disabled" = "admin"
      }
      throttle = { rate = 5, burst = 10 }
      permissions = [
        {
          actions = [
            "cognito-idp:ListUsers",
            "cognito-idp:AdminGetUser",
            "cognito-idp:AdminListGroupsForUser",
            "cognito-idp:AdminCreateUser",
            "cognito-idp:AdminAddUserToGroup",
            "cognito-idp:AdminRemoveUserFromGroup",
            "cognito-idp:AdminEnableUser",
            "cognito-idp:AdminDisableUser",
            "cognito-idp:AdminUserGlobalSignOut",
          ]
          resources = local.pool
        },
      ]
    }
  }
}

module "triggers" {
  source = "../lambda-functions"

  module             = "user-auth"
  creator            = merge(var.creator, { members = null })
  api                = var.api
  code               = var.code
  functions          = local.triggers
  failures_arn       = var.failures_arn
  log_retention_days = var.log_retention_days
  tags               = var.tags

  environment = {
    BRANDING = jsonencode(var.branding)
  }
}

module "functions" {
  source = "../lambda-functions"

  module = "user-auth"
  creator = merge(var.creator, { members = {
    issuer    = "https://${aws_cognito_user_pool.this.endpoint}"
    client_id = aws_cognito_user_pool_client.site.id
  } })
  api                = var.api
  code               = var.code
  functions          = local.functions
  failures_arn       = var.failures_arn
  log_retention_days = var.log_retention_days
  tags               = var.tags

  environment = {
    BRANDING        = jsonencode(var.branding)
    PRIVACY_MODULES = jsonencode(var.privacy_modules)
  }
}

resource "aws_lambda_permission" "trigger" {
  for_each = local.triggers

  statement_id  = "user-pool"
  action        = "lambda:InvokeFunction"
  function_name = module.triggers.names[each.key]
  principal     = "cognito-idp.amazonaws.com"
  source_arn    = aws_cognito_user_pool.this.arn
}

# A function's role has the function's name. This permission names the pool, which needs the function first.
resource "aws_iam_role_policy" "join_group" {
  name = "user-pool"
  role = module.triggers.names["post_confirmation"]

  policy = jsonencode({
    Version = "2012-10-17"
    Statement = [{
      Effect   = "Allow"
      Action   = ["cognito-idp:AdminAddUserToGroup"]
      Resource = [aws_cognito_user_pool.this.arn]
    }]
  })
}
