mock_provider "aws" {
  mock_resource "aws_iam_role" {
    defaults = { arn = "arn:aws:iam::111122223333:role/example" }
  }
  mock_resource "aws_lambda_function" {
    defaults = {
      arn        = "arn:aws:lambda:eu-central-1:111122223333:function:example"
      invoke_arn = "arn:aws:apigateway:eu-central-1:lambda:path/2015-03-31/functions/example/invocations"
    }
  }
  mock_resource "aws_cloudwatch_log_group" {
    defaults = { arn = "arn:aws:logs:eu-central-1:111122223333:log-group:example" }
  }
  mock_resource "aws_cognito_user_pool" {
    defaults = {
      arn      = "arn:aws:cognito-idp:eu-central-1:111122223333:userpool/eu-central-1_kasper"
      id       = "eu-central-1_kasper"
      endpoint = "cognito-idp.eu-central-1.amazonaws.com/eu-central-1_kasper"
    }
  }
  mock_resource "aws_cognito_user_pool_client" {
    defaults = { id = "1example" }
  }
  mock_data "aws_region" {
    defaults = { name = "eu-central-1" }
  }
}

variables {
  slug            = "kasper"
  privacy_modules = ["ivs-chat", "shop"]
  settings        = { self_sign_up = true, mfa = "off" }
  branding        = { primary = "#e0a526", accent = "#2b2d42", background = "#fffaf0" }
  site_origins    = ["https://kasper.live", "https://www.kasper.live"]
  creator = {
    slug       = "kasper"
    name       = "Kasper \"Kast\""
    domain     = "kasper.live"
    account_id = "111122223333"
    language   = "de"
  }
  api = { id = "a1b2c3d4e5", execution_arn = "arn:aws:execute-api:eu-central-1:111122223333:a1b2c3d4e5", authorizer_id = "auth01" }
  code = {
    bucket       = "kasper-lambda-artifacts-111122223333"
    key          = "user-auth/abc.zip"
    hash         = "q83v"
    layer_arn    = "arn:aws:lambda:eu-central-1:111122223333:layer:kasper-libraries:1"
    runtime      = "python3.12"
    architecture = "arm64"
  }
  failures_arn = "arn:aws:sqs:eu-central-1:111122223333:kasper-failures"
}

run "people_sign_in_with_a_proven_address_and_a_long_password" {
  assert {
    condition = (
      aws_cognito_user_pool.this.name == "kasper"
      && aws_cognito_user_pool.this.username_attributes == toset(["email"])
      && aws_cognito_user_pool.this.auto_verified_attributes == toset(["email"])
      && !one(aws_cognito_user_pool.this.username_configuration).case_sensitive
      && one(aws_cognito_user_pool.this.schema).name == "email" && one(aws_cognito_user_pool.this.schema).required
      && one(aws_cognito_user_pool.this.user_attribute_update_settings).attributes_require_verification_before_update == toset(["email"])
    )
    error_message = "The address is the name, in any case of letters, and it is proved before it is used."
  }

  assert {
    condition     = one(aws_cognito_user_pool.this.password_policy).minimum_length == 12 && one(aws_cognito_user_pool.this.password_policy).temporary_password_validity_days == 7
    error_message = "Passwords have 12 characters or more."
  }

  assert {
    condition     = [for way in one(aws_cognito_user_pool.this.account_recovery_setting).recovery_mechanism : way.name] == ["verified_email"]
    error_message = "A forgotten password is replaced by way of the verified address only."
  }

  assert {
    condition     = aws_cognito_user_pool.this.user_pool_tier == "LITE" && aws_cognito_user_pool.this.deletion_protection == "ACTIVE" && aws_cognito_user_pool.this.mfa_configuration == "OFF" && one(aws_cognito_user_pool.this.email_configuration).email_sending_account == "COGNITO_DEFAULT"
    error_message = "The pool has the cheapest tier, is protected, has no second factor unless it is asked for, and sends mail by itself until SES may."
  }

  assert {
    condition     = { for name, group in aws_cognito_user_group.this : name => group.precedence } == { admin = 1, moderator = 2, member = 3 }
    error_message = "There are admins, moderators and members."
  }
}

run "the_site_is_a_public_client" {
  assert {
    condition = (
      !aws_cognito_user_pool_client.site.generate_secret
      && aws_cognito_user_pool_client.site.explicit_auth_flows == toset(["ALLOW_USER_SRP_AUTH", "ALLOW_REFRESH_TOKEN_AUTH"])
      && aws_cognito_user_pool_client.site.allowed_oauth_flows == toset(["code"])
    )
    error_message = "It has no secret, sends no password, and takes codes instead of tokens from the hosted pages."
  }

  assert {
    condition = (
      aws_cognito_user_pool_client.site.access_token_validity == 60 && one(aws_cognito_user_pool_client.site.token_validity_units).access_token == "minutes"
      && aws_cognito_user_pool_client.site.refresh_token_validity == 30 && one(aws_cognito_user_pool_client.site.token_validity_units).refresh_token == "days"
      && aws_cognito_user_pool_client.site.enable_token_revocation
    )
    error_message = "Access lasts an hour, a session 30 days, and it can be ended."
  }

  assert {
    condition     = aws_cognito_user_pool_client.site.prevent_user_existence_errors == "ENABLED"
    error_message = "Nobody learns from an error which addresses have accounts."
  }

  assert {
    condition     = aws_cognito_user_pool_client.site.write_attributes == toset(["email"])
    error_message = "What others get to see of a person is written by our own function only."
  }

  assert {
    condition = (
      aws_cognito_user_pool_client.site.callback_urls == toset(["https://kasper.live/account/", "https://www.kasper.live/account/"])
      && aws_cognito_user_pool_client.site.logout_urls == toset(["https://kasper.live/", "https://www.kasper.live/"])
    )
    error_message = "People come back to the creator's own site and to no other."
  }

  assert {
    condition     = output.issuer == "https://cognito-idp.eu-central-1.amazonaws.com/eu-central-1_kasper" && output.client_id == "1example" && output.sign_in_url == "https://kasper-111122223333.auth.eu-central-1.amazoncognito.com"
    error_message = "Others get to know the issuer, the client and the hosted pages."
  }

  assert {
    condition     = strcontains(aws_cognito_user_pool_ui_customization.this.css, ".submitButton-customizable { background-color: #e0a526; color: #000000; }") && strcontains(aws_cognito_user_pool_ui_customization.this.css, "#fffaf0")
    error_message = "The hosted pages have the creator's colours, and words on them can be read."
  }
}

run "functions_answer_and_listen_where_they_should" {
  assert {
    condition = merge([for function in local.functions : try(function.routes, {})]...) == {
      "GET /account"                     = "member"
      "PUT /account"                     = "member"
      "POST /account/export"             = "member"
      "DELETE /account"                  = "member"
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
    error_message = "Every route is for members, admins or operators."
  }

  assert {
    condition     = toset(keys(output.route_throttles)) == toset(flatten([for function in local.functions : keys(try(function.routes, {}))]))
    error_message = "Every route has a limit of its own."
  }

  assert {
    condition = (
      toset(keys(aws_lambda_permission.trigger)) == toset(["custom_message", "post_confirmation"])
      && alltrue([for permission in aws_lambda_permission.trigger : permission.principal == "cognito-idp.amazonaws.com" && permission.source_arn == aws_cognito_user_pool.this.arn])
    )
    error_message = "Triggers are called by this pool and by nothing else."
  }

  assert {
    condition     = one(aws_cognito_user_pool.this.lambda_config).custom_message == module.triggers.arns["custom_message"] && one(aws_cognito_user_pool.this.lambda_config).post_confirmation == module.triggers.arns["post_confirmation"]
    error_message = "The pool calls its triggers."
  }
}

run "functions_may_do_what_they_need_and_no_more" {
  assert {
    condition = { for name, function in local.functions : name => flatten(function.permissions[*].actions) } == {
      account           = ["cognito-idp:AdminGetUser", "cognito-idp:AdminListGroupsForUser", "cognito-idp:AdminUpdateUserAttributes"]
      export_account    = ["lambda:InvokeFunction", "cognito-idp:AdminGetUser", "cognito-idp:AdminListGroupsForUser"]
      delete_account    = ["lambda:InvokeFunction", "cognito-idp:AdminGetUser", "cognito-idp:AdminListGroupsForUser", "cognito-idp:AdminUserGlobalSignOut", "cognito-idp:AdminDeleteUser"]
      user_auth_privacy = ["cognito-idp:AdminGetUser", "cognito-idp:AdminListGroupsForUser", "cognito-idp:AdminUserGlobalSignOut", "cognito-idp:AdminDeleteUser"]
      members = [
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
    }
    error_message = "Each function has the permissions of its own code."
  }

  assert {
    condition = alltrue(flatten([for function in local.functions : [for permission in function.permissions : jsonencode(permission.resources) == jsonencode(
      permission.actions[0] == "lambda:InvokeFunction"
      ? ["arn:aws:lambda:eu-central-1:111122223333:function:kasper-ivs-chat-privacy", "arn:aws:lambda:eu-central-1:111122223333:function:kasper-shop-privacy"]
      : [aws_cognito_user_pool.this.arn]
    )]]))
    error_message = "All of them are for this pool, and for the functions that know what the other modules keep."
  }

  assert {
    condition     = alltrue([for trigger in local.triggers : !can(trigger.permissions)])
    error_message = "Triggers are made before the pool and can be given nothing of it."
  }

  assert {
    condition = jsondecode(aws_iam_role_policy.join_group.policy).Statement == [{
      Effect   = "Allow"
      Action   = ["cognito-idp:AdminAddUserToGroup"]
      Resource = ["arn:aws:cognito-idp:eu-central-1:111122223333:userpool/eu-central-1_kasper"]
    }] && aws_iam_role_policy.join_group.role == "kasper-post-confirmation"
    error_message = "Whoever confirms a sign-up is put into a group, and nothing else is done to them."
  }
}

run "settings_are_the_creators" {
  variables {
    settings     = { self_sign_up = false, mfa = "optional" }
    branding     = { primary = "#101040", accent = "#2b2d42", background = "#fffaf0" }
    protect_data = false
    sender       = { identity_arn = "arn:aws:ses:eu-central-1:111122223333:identity/kasper.live", address = "hello@kasper.live" }
  }

  assert {
    condition     = one(aws_cognito_user_pool.this.admin_create_user_config).allow_admin_create_user_only
    error_message = "Without self_sign_up people are invited."
  }

  assert {
    condition     = aws_cognito_user_pool.this.mfa_configuration == "OPTIONAL" && one(aws_cognito_user_pool.this.software_token_mfa_configuration).enabled
    error_message = "Who wants to may use an authenticator app."
  }

  assert {
    condition     = aws_cognito_user_pool.this.deletion_protection == "INACTIVE"
    error_message = "protect_data = false takes the protection off."
  }

  assert {
    condition     = one(aws_cognito_user_pool.this.email_configuration).email_sending_account == "DEVELOPER" && one(aws_cognito_user_pool.this.email_configuration).from_email_address == "\"Kasper Kast\" <hello@kasper.live>"
    error_message = "Mail comes from the creator's own address once it may."
  }

  assert {
    condition     = strcontains(aws_cognito_user_pool_ui_customization.this.css, ".submitButton-customizable { background-color: #101040; color: #ffffff; }")
    error_message = "Words on dark colours are white."
  }
}

run "names_are_written_as_cognito_and_mail_take_them" {
  command = plan

  variables {
    slug   = "paws"
    sender = { identity_arn = "arn:aws:ses:eu-central-1:111122223333:identity/kasper.live", address = "hello@kasper.live" }
    creator = {
      slug       = "paws"
      name       = "Pfoten & Käthe"
      domain     = "kasper.live"
      account_id = "111122223333"
      language   = "de"
    }
  }

  assert {
    condition     = aws_cognito_user_pool_domain.this.domain == "site-111122223333"
    error_message = "A prefix has neither aws nor amazon nor cognito in it."
  }

  assert {
    condition     = one(aws_cognito_user_pool.this.email_configuration).from_email_address == "=?UTF-8?B?UGZvdGVuICYgSw==?= =?UTF-8?B?w6R0aGU=?= <hello@kasper.live>"
    error_message = "A sender's name that is not plain ASCII is encoded."
  }
}

run "refuses_wrong_values" {
  command = plan

  variables {
    settings     = { self_sign_up = true, mfa = "required" }
    branding     = { primary = "red;} body { display: none", accent = "#2b2d42", background = "#fffaf0" }
    site_origins = ["https://*.live/"]
  }

  expect_failures = [var.settings, var.branding, var.site_origins]
}
