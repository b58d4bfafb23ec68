# What docs/guide/programs.md says of Active Record.
require 'active_record'

%w[opigno api].each do |schema|
  ActiveRecord::Base.establish_connection(adapter: 'postgresql', host: ENV['PGHOST'],
                                          database: ENV['PGDATABASE'], username: 'site_admin',
                                          schema_search_path: schema)
  user_context = Class.new(ActiveRecord::Base) { self.table_name = 'user_context' }
  profile = Class.new(ActiveRecord::Base) { self.table_name = 'profile' }
  ActiveRecord::Base.connection.execute("SELECT opigno.set_user_context('ada', 'Ada', true)")
  ActiveRecord::Base.connection.execute("SELECT opigno.upsert_profile('ada', 0, '{\"n\": [1]}')")
  first = user_context.find_by(uuid: 'ada')
  puts "#{schema}: scope #{first.scope.inspect}, key #{user_context.primary_key.inspect}, " \
       "profile_data #{profile.find_by(user_uuid: 'ada').profile_data}"
end
