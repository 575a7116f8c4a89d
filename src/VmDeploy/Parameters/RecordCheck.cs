using System.Collections;
using System.Reflection;

namespace VmDeploy.PowerShell;

/// <summary>
/// Compares a record of a file with the values that PowerShell has bound. PowerShell ignores a property without a parameter, one
/// that it can't convert, and the second of two for the same parameter; a job file would then give a different job.
/// </summary>
internal static class RecordCheck
{
    // A key of job files that other tools read; nothing here depends on it.
    private const string OtherTools = "os_type";
    private const string PlainRecord = "System.Management.Automation.PSCustomObject";

    private static readonly IReadOnlyList<Type> s_cmdlets =
        [.. typeof(RecordCheck).Assembly.GetTypes().Where(type => typeof(RecordCmdlet).IsAssignableFrom(type) && !type.IsAbstract)];

    private static readonly Lazy<HashSet<string>> s_keys = new(() => Names(s_cmdlets.SelectMany(Parameters).Where(IsFromRecord), OtherTools));

    private static readonly Lazy<HashSet<string>> s_names = new(() => Names(s_cmdlets.SelectMany(Parameters)));

    // A CSV file of VMs has a column for each of their properties.
    private static readonly Lazy<HashSet<string>> s_emitted = new(() => new HashSet<string>(
        s_cmdlets.SelectMany(type => type.GetCustomAttributes<OutputTypeAttribute>()).SelectMany(output => output.Type)
            .SelectMany(output => output.Type.GetProperties()).Select(property => property.Name), StringComparer.OrdinalIgnoreCase));

    /// <summary>Whether an object comes from JSON, CSV or a literal, and is not a live object or a selection of its properties.</summary>
    public static bool IsRecord(PSObject? input)
    {
        if (input?.BaseObject is not PSCustomObject)
            return false;
        var type = input.TypeNames.FirstOrDefault() ?? "";
        return !type.StartsWith("Selected.", StringComparison.Ordinal) && !type.StartsWith("Deserialized.", StringComparison.Ordinal)
            || type.EndsWith("." + PlainRecord, StringComparison.Ordinal);
    }

    /// <summary>Refuses a record with a value that was not bound although a parameter has its name.</summary>
    /// <exception cref="VmDeployException"><c>PipelineValueInvalid</c>.</exception>
    public static void CheckValues(PSCmdlet cmdlet, PSObject record)
    {
        foreach (var parameter in Parameters(cmdlet.GetType()).Where(one => IsFromRecord(one) && IsInSet(one, cmdlet.ParameterSetName)))
        {
            var given = Names(parameter).Select(name => record.Properties[name]).Where(found => found?.Value is not (null or "")).ToList();
            if (given.Count == 0)
                continue;
            if (given.Find(other => !Equals(other.Value, given[0].Value)) is { } second)
                throw Refused(second, $"'{given[0].Name}' and '{second.Name}' both mean -{parameter.Name}.");
            if (given[0].Value is ICollection { Count: 0 } && IsName(parameter))
                throw Refused(given[0], $"The list under '{given[0].Name}' is empty, and would name no VM.");
            if (!cmdlet.MyInvocation.BoundParameters.ContainsKey(parameter.Name))
                throw Refused(given[0], $"'{given[0].Value}' under '{given[0].Name}' is not valid for -{parameter.Name}.");
        }
    }

    /// <summary>A message for each key that is ignored; names that begin with _ or $ are comments.</summary>
    /// <param name="cmdlet">The cmdlet.</param>
    /// <param name="record">The record.</param>
    /// <param name="onlyMistakes">Only keys that resemble known ones: the record may have others, for other programs.</param>
    /// <param name="ending">How the first sentence of a message ends.</param>
    public static IEnumerable<string> FindIgnored(PSCmdlet cmdlet, PSObject record, bool onlyMistakes, string ending)
    {
        var parameters = Parameters(cmdlet.GetType());
        var typedOnly = parameters.Where(IsTypedOnly).ToList();
        var candidates = parameters.Where(IsFromRecord).Concat(typedOnly).SelectMany(Keys).ToList();
        foreach (var property in record.Properties.Where(property => property.Name.Length > 0 && property.Name[0] is not ('_' or '$')))
        {
            var name = property.Name;
            if (typedOnly.Find(one => string.Equals(one.Name, name, StringComparison.OrdinalIgnoreCase)) is { } parameter)
            {
                if (!IsAbsent(property.Value) && !cmdlet.MyInvocation.BoundParameters.ContainsKey(parameter.Name))
                    yield return $"The key '{name}' is not read from records{ending}. -{parameter.Name} must be on the command line.";
                continue;
            }
            if (s_keys.Value.Contains(name) || (onlyMistakes && s_emitted.Value.Contains(name)))
                continue;
            var near = NearestName.Find(name, candidates, onlyTypos: onlyMistakes);
            if (onlyMistakes && near is null && !s_names.Value.Any(known => NearestName.IsTypo(name, known)))
                continue;
            yield return $"The key '{name}' is not known{ending}.{(near is null ? "" : $" Did you mean '{near}'?")}";
        }
    }

    private static List<PropertyInfo> Parameters(Type cmdlet) =>
        [.. cmdlet.GetProperties().Where(property => property.IsDefined(typeof(ParameterAttribute)) && property.Name != nameof(RecordCmdlet.InputObject))];

    private static bool IsFromRecord(PropertyInfo parameter) =>
        parameter.GetCustomAttributes<ParameterAttribute>().Any(attribute => attribute.ValueFromPipelineByPropertyName);

    private static bool IsTypedOnly(PropertyInfo parameter) =>
        !parameter.GetCustomAttributes<ParameterAttribute>().Any(attribute => attribute.ValueFromPipelineByPropertyName || attribute.ValueFromPipeline);

    private static bool IsInSet(PropertyInfo parameter, string set) =>
        parameter.GetCustomAttributes<ParameterAttribute>().Any(attribute => attribute.ParameterSetName == ParameterAttribute.AllParameterSets || attribute.ParameterSetName == set);

    private static bool IsName(PropertyInfo parameter) => parameter.IsDefined(typeof(NameTextAttribute)) || parameter.PropertyType == typeof(VmOrName[]);

    private static bool IsAbsent(object? value) => value is null or "" or false || (value is string text && bool.TryParse(text, out var flag) && !flag);

    // Keys of job files are written in lower case.
    private static IEnumerable<string> Keys(PropertyInfo parameter) =>
        Names(parameter).Skip(1).Where(name => !name.Any(char.IsUpper)).DefaultIfEmpty(parameter.Name.ToLowerInvariant());

    private static IEnumerable<string> Names(PropertyInfo parameter) =>
        parameter.GetCustomAttributes<AliasAttribute>().SelectMany(alias => alias.AliasNames).Prepend(parameter.Name);

    private static HashSet<string> Names(IEnumerable<PropertyInfo> parameters, params string[] others) =>
        new(parameters.SelectMany(Names).Concat(others), StringComparer.OrdinalIgnoreCase);

    private static VmDeployException Refused(PSPropertyInfo given, string message) => new(ErrorCodes.PipelineValueInvalid, message, given.Name);
}
