export function resolve(name, context, next) {
  const isReact = /^react(-dom)?(\/|$)/.test(name);
  return next(name, isReact ? { ...context, parentURL: import.meta.url } : context);
}
