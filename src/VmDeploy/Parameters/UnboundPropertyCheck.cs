using System.Reflection;

namespace VmDeploy.PowerShell;

/// <summary>
/// Compares a pipeline object with the values that PowerShell has bound. PowerShell ignores a property without a parameter, one
/// that it can't convert, and the second of two for the same parameter; a job file would then give a different job.
/// </summary>
internal static class UnboundPropertyCheck
{
    // A key of job files that other tools read; nothing here depends on it.
    private const string OtherTools = "os_type";

    private static readonly Lazy<HashSet<string>> s_known = new(() => new HashSet<string>(
        typeof(UnboundPropertyCheck).Assembly.GetTypes().Where(type => typeof(PSCmdlet).IsAssignableFrom(type))
            .SelectMany(type => Parameters(type)).SelectMany(Names).Append(OtherTools),
        StringComparer.OrdinalIgnoreCase));

    /// <summary>
    /// Refuses an object with a value that was not bound although a parameter has its name. Returns a message for each property
    /// that no cmdlet of this module knows; names that begin with _ or $ are comments.
    /// </summary>
    /// <exception cref="VmDeployException"><c>PipelineValueInvalid</c>.</exception>
    public static IReadOnlyList<string> Run(PSCmdlet cmdlet, PSObject? input, bool isStrict = false)
    {
        if (input?.BaseObject is not PSCustomObject)
            return [];
        var parameters = Parameters(cmdlet.GetType()).Where(IsFromPipeline).ToList();
        foreach (var parameter in parameters)
        {
            var given = Names(parameter).Select(name => input.Properties[name]).Where(found => found?.Value is not (null or "")).ToList();
            if (given.Count > 1)
                throw Refused(given[1], $"'{given[0].Name}' and '{given[1].Name}' both mean -{parameter.Name}.");
            if (given.Count == 1 && !cmdlet.MyInvocation.BoundParameters.ContainsKey(parameter.Name))
                throw Refused(given[0], $"'{given[0].Value}' under '{given[0].Name}' is not valid for -{parameter.Name}.");
        }
        var candidates = parameters.SelectMany(Keys).ToList();
        return input.Properties.Select(property => property.Name)
            .Where(name => name.Length > 0 && name[0] is not ('_' or '$') && !s_known.Value.Contains(name))
            .Select(name => $"The key '{name}' is not known{(isStrict ? "" : " and was ignored")}."
                + (NearestName.Find(name, candidates) is { } near ? $" Did you mean '{near}'?" : ""))
            .ToList();
    }

    private static IEnumerable<PropertyInfo> Parameters(Type cmdlet) =>
        cmdlet.GetProperties().Where(property => property.IsDefined(typeof(ParameterAttribute)));

    private static bool IsFromPipeline(PropertyInfo parameter) =>
        parameter.GetCustomAttributes<ParameterAttribute>().Any(attribute => attribute.ValueFromPipelineByPropertyName);

    // Keys of job files are written in lower case.
    private static IEnumerable<string> Keys(PropertyInfo parameter) =>
        Names(parameter).Skip(1).Where(name => !name.Any(char.IsUpper)).DefaultIfEmpty(parameter.Name.ToLowerInvariant());

    private static IEnumerable<string> Names(PropertyInfo parameter) =>
        parameter.GetCustomAttributes<AliasAttribute>().SelectMany(alias => alias.AliasNames).Prepend(parameter.Name);

    private static VmDeployException Refused(PSPropertyInfo given, string message) => new(ErrorCodes.PipelineValueInvalid, message, given.Name);
}
