<?php
// Joomla's installer replaces this file. Until then, Joomla needs the class.
class JConfig
{
}
