output "sponsors_table" {
  description = "Name of the table of bookings and slots."
  value       = module.sponsors.name
}

output "sponsor_stats_table" {
  description = "Name of the table of counted views and clicks."
  value       = module.stats.name
}

output "sponsor_assets_bucket" {
  description = "Name of the bucket of the sponsors' creatives."
  value       = module.assets.bucket_id
}

output "assets_domain" {
  description = "Host name of the bucket of the sponsors' creatives."
  value       = module.assets.bucket_regional_domain_name
}

output "route_throttles" {
  description = "Limits of the public routes that write, by route key; known once the routes exist."
  value       = module.functions.route_throttles
}

output "standby" {
  description = "What the second region answers: functions with their routes, and their environment. Pictures are looked at in the first region alone, so that nothing is uploaded in the second."
  value = {
    functions = merge(
      { for name in ["list_bookings", "decide_booking", "get_active_sponsors", "track_stats"] : name => local.functions[name] },
      {
        own_booking = merge(local.functions.own_booking, {
          routes      = { for route, by in local.functions.own_booking.routes : route => by if !endswith(route, "/creative") }
          permissions = [for permission in local.functions.own_booking.permissions : permission if !contains(permission.actions, "s3:PutObject")]
        })
      },
    )
    environment = module.functions.environment
  }
}
