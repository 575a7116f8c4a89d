namespace VmDeploy;

internal static class TemplateLookup
{
    /// <summary>The template with this id, uuid or name; an exact match takes precedence over one that differs in case.</summary>
    /// <exception cref="VmDeployException"><c>TemplateNotFound</c>, or <c>AmbiguousPlacement</c> if several have the name.</exception>
    public static async Task<VmTemplate> FindAsync(VmSession session, string wanted, CancellationToken cancellationToken)
    {
        var all = await session.Discovery.GetTemplatesAsync(cancellationToken);
        var found = all.Where(t => t.Id == wanted || string.Equals(t.Uuid, wanted, StringComparison.OrdinalIgnoreCase)).ToList();
        if (found.Count == 0)
            found = all.Where(t => t.Name == wanted).ToList();
        if (found.Count == 0)
            found = all.Where(t => string.Equals(t.Name, wanted, StringComparison.OrdinalIgnoreCase)).ToList();
        return found.Count switch
        {
            1 => found[0],
            0 => throw new VmDeployException(ErrorCodes.TemplateNotFound,
                $"Template '{wanted}' not found. {Names.Available(all.Select(t => t.Name), "This server has no templates.")}", wanted),
            _ => throw new VmDeployException(ErrorCodes.AmbiguousPlacement,
                $"{found.Count} templates have the name '{wanted}'; their ids: {string.Join(", ", found.Select(t => t.Id))}.", wanted,
                hint: ErrorHint.UseTemplateId),
        };
    }
}
