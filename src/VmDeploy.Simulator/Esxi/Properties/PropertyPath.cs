using VmDeploy.Simulator.Esxi.Core;
using VmDeploy.Simulator.Esxi.Data;
using VmDeploy.Simulator.Esxi.Schema;
using VmDeploy.Simulator.Esxi.Soap;

namespace VmDeploy.Simulator.Esxi.Properties;

/// <summary>A path such as <c>config.hardware.device[2000].backing</c>.</summary>
internal sealed class PropertyPath
{
    private readonly List<Step> _steps = [];

    /// <exception cref="VimFault">InvalidProperty.</exception>
    public PropertyPath(string text)
    {
        Text = text;
        for (var i = 0; i < text.Length;)
        {
            var end = text.AsSpan(i).IndexOfAny('.', '[');
            end = end < 0 ? text.Length : i + end;
            var name = text[i..end];
            string? key = null;
            if (end < text.Length && text[end] == '[')
            {
                var close = text.IndexOf(']', end);
                if (close < 0)
                    throw Invalid();
                key = text[(end + 1)..close].Trim('"');
                end = close + 1;
            }
            if (name.Length == 0 || (end < text.Length && (text[end] != '.' || end + 1 == text.Length)))
                throw Invalid();
            _steps.Add(new(name, key));
            i = end + 1;
        }
        if (_steps.Count == 0)
            throw Invalid();
    }

    public string Text { get; }

    /// <summary>Makes sure that objects of the type can have it.</summary>
    /// <exception cref="VimFault">InvalidProperty.</exception>
    public void Check(ManagedType type)
    {
        if (!type.Properties.TryGetValue(_steps[0].Name, out var property))
            throw Invalid();
        var (name, isArray) = (property.Type, property.IsArray);
        for (var i = 0; i < _steps.Count; i++)
        {
            if (i > 0)
            {
                if (isArray || VimSchema.FindType(name) is not { } data)
                    throw Invalid();
                var index = data.IndexOf(_steps[i].Name);
                if (index < 0)
                {
                    // It may belong to a derived type, which only the object itself shows.
                    if (VimSchema.IsFieldBelow(name, _steps[i].Name))
                        return;
                    throw Invalid();
                }
                (name, isArray) = (data.Fields[index].Type, data.Fields[index].IsArray);
            }
            if (_steps[i].Key is not null)
            {
                if (!isArray)
                    throw Invalid();
                isArray = false;
            }
        }
    }

    /// <summary>The value with its type, or null if it is not set.</summary>
    public Any? Read(ManagedObject target)
    {
        var property = ManagedType.Of(target).Properties[_steps[0].Name];
        var current = Select(property.Type, property.IsArray, property.Read(target), _steps[0].Key);
        foreach (var step in _steps.Skip(1))
        {
            if (current?.Value is not DataObject data)
                return null;
            var index = data.Type.IndexOf(step.Name);
            if (index < 0)
                return null;
            var field = data.Type.Fields[index];
            current = Select(field.Type, field.IsArray, data[index], step.Key);
        }
        return current;
    }

    private static Any? Select(string type, bool isArray, object? value, string? key)
    {
        if (key is not null)
        {
            value = ((IEnumerable<object>?)value)?.FirstOrDefault(item => KeyOf(item) == key);
            isArray = false;
        }
        return value is null ? null : Any.Of(type, isArray, value);
    }

    private static string? KeyOf(object item) => item switch
    {
        Mor reference => reference.Value,
        DataObject data when data.Type.IndexOf("key") >= 0 && data["key"] is { } key => key is Mor mor ? mor.Value : Primitive.Write(key),
        _ => null,
    };

    private VimFault Invalid() => VimFault.Of("InvalidProperty", $"The property '{Text}' is invalid.", ("name", Text));

    private readonly record struct Step(string Name, string? Key);
}
