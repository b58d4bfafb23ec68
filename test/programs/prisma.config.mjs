// Without this, prisma generate downloads a program.
import { PrismaPg } from '@prisma/adapter-pg';
import { defineConfig } from 'prisma/config';

export default defineConfig({
    schema: 'schema.prisma',
    experimental: { adapter: true },
    engine: 'js',
    adapter: async () => new PrismaPg({}),
});
