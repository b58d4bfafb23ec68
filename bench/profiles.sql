/* A profile with so many courses, of some 440 bytes each; words, numbers and times at random, so that it compresses as such profiles do. */
CREATE FUNCTION public.words(count integer) RETURNS text LANGUAGE sql AS $$
    SELECT string_agg((ARRAY['data', 'history', 'of', 'basic', 'advanced', 'protein', 'music', 'theory', 'and', 'practice', 'algebra', 'networks', 'painting', 'water', 'design',
        'chemistry', 'in', 'language', 'europe', 'garden', 'safety', 'first', 'aid', 'law', 'writing', 'systems', 'energy', 'ethics', 'film', 'markets'])[1 + floor(random() * 30)::integer], ' ')
    FROM generate_series(1, count) $$;
CREATE FUNCTION public.profile(courses integer) RETURNS jsonb LANGUAGE sql AS $$
    SELECT jsonb_build_object('language', 'en', 'theme', 'dark', 'points', floor(random() * 1000), 'newsletter', random() < 0.5, 'city', public.words(1),
        'average', round(random()::numeric * 100, 1), 'bio', public.words(6))
        || CASE WHEN courses = 0 THEN '{}' ELSE jsonb_build_object('courses', (SELECT jsonb_object_agg('course_' || floor(random() * 1000000) || c,
            jsonb_build_object('title', public.words(5), 'progress', floor(random() * 101), 'score', round(random()::numeric * 100, 1), 'passed', random() < 0.5,
                'started', to_char('2020-01-01'::timestamp + random() * interval '2000 days', 'YYYY-MM-DD"T"HH24:MI:SS"Z"'), 'badges', jsonb_build_array(public.words(1), public.words(1)),
                'certificate', gen_random_uuid(), 'modules', jsonb_build_object('reading', jsonb_build_object('done', random() < 0.5, 'minutes', floor(random() * 90)),
                    'quiz', jsonb_build_object('done', random() < 0.5, 'best', round(random()::numeric * 10, 1)), 'essay', jsonb_build_object('done', false, 'words', floor(random() * 3000)))))
            FROM generate_series(1, courses) AS c)) END $$;
